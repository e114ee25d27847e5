using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;
using ContentType = TlsPool.Crypto.Records.ContentType;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// A server that asks its client who it is after the handshake (RFC 8446 section 4.6.2): one request at a time, answered when the client
/// likes, with data going on meanwhile.
/// <code>
/// Idle ─► Asked ─► Certified ─► Verified ─► Judging ─► Idle
/// </code>
/// </summary>
internal sealed class PostHandshakeServer(PostHandshakeTranscript transcript, EngineProfile profile)
{
    private const int ContextSize = 16;

    private byte[] _context = [];
    private PeerAuthentication _authentication;
    private IReadOnlyList<ReadOnlyMemory<byte>> _chain = [];
    private Step _step;
    private bool _givenUp;

    private enum Step : byte
    {
        Idle,
        Asked,
        Certified,
        Verified,
        Judging,
    }

    /// <summary>True while the client is answering: its messages come one behind the other.</summary>
    internal bool IsInsideFlight => _step is Step.Certified or Step.Verified;

    /// <summary>Asks the client; false if it has not answered the last request yet.</summary>
    internal bool Request(PeerAuthentication authentication, IPostHandshakeSession session)
    {
        if (_step != Step.Idle)
            return false;
        (_step, _authentication, _givenUp) = (Step.Asked, authentication, false);
        _context = RandomNumberGenerator.GetBytes(ContextSize);
        byte[] message = PostHandshakeMessages.CertificateRequest(_context, profile.SignatureAlgorithms13);
        transcript.Begin();
        transcript.Add(message);
        session.Send(ContentType.Handshake, message);
        return true;
    }

    /// <summary>Gives up waiting: what the client answers later is checked, and counts for nothing. False if there was nothing to wait for.</summary>
    internal bool GiveUp()
    {
        bool waiting = _step != Step.Idle && !_givenUp;
        if (_step == Step.Judging)
            _step = Step.Idle;
        _givenUp = waiting;
        return waiting;
    }

    /// <summary>Takes Certificate, CertificateVerify or Finished.</summary>
    /// <exception cref="RecordException">It is malformed, wrong, or has no place here.</exception>
    internal void Take(byte type, byte[] body, IPostHandshakeSession session)
    {
        switch (type)
        {
            case HandshakeTypes.Certificate when _step == Step.Asked:
                TakeCertificate(body);
                break;
            case HandshakeTypes.CertificateVerify when _step == Step.Certified:
                TakeVerify(body);
                break;
            case HandshakeTypes.Finished when _step == Step.Verified:
                TakeFinished(body, session);
                return;
            default:
                throw new RecordException(AlertCode.UnexpectedMessage, "a handshake message came after the handshake");
        }
        transcript.Add(PostHandshakeMessages.Frame(type, body));
    }

    /// <summary>Takes the verdict on the client.</summary>
    /// <exception cref="RecordException">It may not pass.</exception>
    internal void Answer(HandshakeAnswer answer, IPostHandshakeSession session)
    {
        if (_step != Step.Judging)
            return;
        _step = Step.Idle;
        switch (answer)
        {
            case PeerAcceptedAnswer:
                session.Authenticated(new PostHandshakeIdentity(null, _chain));
                break;
            case RefusalAnswer refusal:
                throw new RecordException(refusal.Alert, refusal.Reason);
            default:
                throw new RecordException(AlertCode.InternalError, "a question of the session got an answer of another kind");
        }
    }

    private void TakeCertificate(byte[] body)
    {
        (byte[] context, _chain) = PostHandshakeMessages.ReadCertificate(body);
        if (!context.AsSpan().SequenceEqual(_context))
            throw new RecordException(AlertCode.IllegalParameter, "the peer answers a request for its certificate that was not made");
        if (_chain.Count == 0 && _authentication == PeerAuthentication.Demand && !_givenUp)
            throw new RecordException(AlertCode.CertificateRequired, "the peer showed no certificate, and one is demanded");
        _step = _chain.Count == 0 ? Step.Verified : Step.Certified;
    }

    private void TakeVerify(byte[] body)
    {
        (int scheme, byte[] signature) = PostHandshakeMessages.ReadCertificateVerify(body);
        if (!profile.Schemes.Contains(scheme) || !SignatureRules.MayUse(scheme, is13: true))
            throw new RecordException(AlertCode.IllegalParameter, "the peer signs in a way that was not asked for");
        if (!Verifies(scheme, signature))
            throw new RecordException(AlertCode.DecryptError, "the peer's signature does not verify");
        _step = Step.Verified;
    }

    private bool Verifies(int scheme, byte[] signature)
    {
        try
        {
            TlsCertificate leaf = new EngineCrypto(new HandshakeTape()).CreateCertificate(CertificateType.X509, _chain[0].ToArray());
            Tls13Verifier verifier = leaf.CreateVerifier(scheme);
            verifier.Stream.Write(transcript.SignedContent());
            return verifier.VerifySignature(signature);
        }
        catch (TlsFatalAlert fatal)
        {
            throw new RecordException((AlertCode)fatal.AlertDescription, "the peer's certificate is of no use for its signature");
        }
        catch (Exception exception) when (exception is not RecordException)
        {
            // Whatever BouncyCastle makes of a key that it cannot read: it vouches for nothing.
            return false;
        }
    }

    private void TakeFinished(byte[] body, IPostHandshakeSession session)
    {
        if (!CryptographicOperations.FixedTimeEquals(body, transcript.End(session.FinishedKey(ofPeer: true))))
            throw new RecordException(AlertCode.DecryptError, "the peer's Finished does not verify");
        _step = Step.Idle;
        if (_givenUp)
            return;
        if (_chain.Count == 0)
        {
            session.Authenticated(new PostHandshakeIdentity(null, []));
            return;
        }
        _step = Step.Judging;
        session.Ask(new PeerQuestion(TlsRole.Server, _chain, OcspStaple: default, Resumed: false));
    }
}
