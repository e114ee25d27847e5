using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Records;
using ContentType = TlsPool.Crypto.Records.ContentType;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// A client that authenticates after the handshake, when its server asks (RFC 8446 section 4.6.2). Requests are answered one after the other,
/// each with one flight that nothing comes between; data goes on while an answer is thought about.
/// </summary>
internal sealed class PostHandshakeClient(PostHandshakeTranscript transcript)
{
    /// <summary>Requests that a server may make within <see cref="Window"/>: each costs a signature.</summary>
    internal const int MaxRequests = 4;

    /// <summary>Contexts that are remembered.</summary>
    private const int MaxContexts = 16;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Queue<PostHandshakeRequest> _waiting = [];
    private readonly Queue<byte[]> _contexts = [];
    private PostHandshakeRequest? _request;
    private Credential? _credential;
    private byte[] _flight = [];
    private int _scheme;
    private RateLimit _requests;

    /// <summary>Takes a CertificateRequest.</summary>
    /// <exception cref="RecordException">It is malformed, not unique, or one too many.</exception>
    internal void Take(byte[] body, IPostHandshakeSession session)
    {
        PostHandshakeRequest request = PostHandshakeMessages.ReadRequest(body);
        if (_contexts.Any(context => context.AsSpan().SequenceEqual(request.Context)))
            throw new RecordException(AlertCode.IllegalParameter, "the peer asks for a certificate under a context that it has used before");
        if (!_requests.TryTake(MaxRequests, Window))
            throw new RecordException(AlertCode.UnexpectedMessage, "the peer asks for certificates too often");
        if (_contexts.Count == MaxContexts)
            _contexts.Dequeue();
        _contexts.Enqueue(request.Context);
        _waiting.Enqueue(request);
        if (_request is null)
            Next(session);
    }

    /// <summary>Takes the answer to the open question.</summary>
    internal void Answer(HandshakeAnswer answer, IPostHandshakeSession session)
    {
        if (_request is not { } request)
            return;
        switch (answer)
        {
            case CredentialAnswer choice when _credential is null:
                Show(request, choice.Credentials, session);
                break;
            case SignatureAnswer made when _credential is not null:
                Add(PostHandshakeMessages.CertificateVerify(_scheme, made.Signature.ToArray()));
                Finish(session);
                break;
            default:
                // A client may always decline, and has to say so (RFC 8446 section 4.6.2).
                Show(request, [], session);
                break;
        }
    }

    private void Next(IPostHandshakeSession session)
    {
        if (!_waiting.TryDequeue(out _request))
            return;
        session.Ask(new CredentialQuestion(TlsRole.Client, TlsVersion.Tls13, ServerName: null, _request.Schemes, _request.Authorities));
    }

    private void Show(PostHandshakeRequest request, IReadOnlyList<Credential> credentials, IPostHandshakeSession session)
    {
        (_credential, _scheme) = Fitting(request, credentials);
        transcript.Begin();
        transcript.Add(request.Message);
        _flight = [];
        Add(PostHandshakeMessages.Certificate(request.Context, _credential?.Chain ?? []));
        if (_credential is null)
            Finish(session);
        else
            session.Ask(new SignatureQuestion(_credential, new SignatureRequest(_credential.Key, _scheme, transcript.SignedContent())));
    }

    private static (Credential?, int) Fitting(PostHandshakeRequest request, IReadOnlyList<Credential> credentials)
    {
        foreach (Credential credential in credentials)
            foreach (int scheme in credential.SignatureSchemes)
                if (request.Schemes.Contains(scheme) && SignatureRules.MayUse(scheme, is13: true))
                    return (credential, scheme);
        return (null, 0);
    }

    private void Add(byte[] message)
    {
        transcript.Add(message);
        _flight = [.. _flight, .. message];
    }

    private void Finish(IPostHandshakeSession session)
    {
        byte[] finished = PostHandshakeMessages.Frame(HandshakeType.finished, transcript.End(session.FinishedKey(ofPeer: false)));
        session.Send(ContentType.Handshake, [.. _flight, .. finished]);
        var shown = new PostHandshakeIdentity(_credential, []);
        (_request, _credential, _flight) = (null, null, []);
        session.Authenticated(shown);
        Next(session);
    }
}
