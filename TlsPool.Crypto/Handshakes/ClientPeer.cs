using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a client answers to BouncyCastle's callbacks.</summary>
internal sealed class ClientPeer : DefaultTlsClient, TlsAuthentication
{
    private readonly HandshakeRun _run;
    private readonly EngineCrypto _crypto;
    private readonly CipherCapture _capture;
    private CredentialSigner? _signer;
    private ClientSession12? _offered12;
    private byte[]? _ticket12;
    private bool _pskSelected;
    private IReadOnlyList<ReadOnlyMemory<byte>> _peerChain = [];
    private ReadOnlyMemory<byte> _ocspStaple;

    internal ClientPeer(HandshakeRun run, EngineCrypto crypto)
        : base(crypto)
    {
        (_run, _crypto) = (run, crypto);
        _capture = new CipherCapture(run, crypto);
        ClientSession? session = run.TakeClientSession();
        Offered13 = session as ClientSession13;
        _offered12 = session as ClientSession12;
    }

    /// <summary>The TLS 1.3 ticket in the ClientHello, or null.</summary>
    internal ClientSession13? Offered13 { get; }

    /// <summary>The obfuscated age that goes with it.</summary>
    internal uint TicketAge => _run.TicketAge(() => Offered13!.ObfuscatedAge(DateTimeOffset.UtcNow));

    /// <summary>The transcript with the own Finished (TLS 1.3).</summary>
    internal TlsHash? Transcript { get; set; }

    private SecurityParameters Security => m_context.SecurityParameters;

    private bool MayRenegotiate => RenegotiationInfo.MayFollow(m_context);

    private bool Is13 => TlsUtilities.IsTlsV13(m_context);

    public override TlsAuthentication GetAuthentication() => this;

    public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
    {
        if (!Is13 && TlsUtilities.IsBlockCipherSuite(Security.CipherSuite) && !Security.IsEncryptThenMac)
            throw _run.Refuse(AlertCode.HandshakeFailure, "the peer wants CBC without encrypt-then-MAC, which is not secure");
        _peerChain = CertificateChain.Der(serverCertificate.Certificate);
        _ocspStaple = OcspStaple(serverCertificate);
        _run.Judge(_peerChain, _ocspStaple, resumed: false, Is13);
    }

    public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest)
    {
        bool is13 = Is13;
        IList<SignatureAndHashAlgorithm> algorithms = certificateRequest.SupportedSignatureAlgorithms ?? [];
        var question = new CredentialQuestion(
            TlsRole.Client,
            is13 ? TlsVersion.Tls13 : TlsVersion.Tls12,
            ServerName: null,
            [.. algorithms.Select(SignatureScheme.From)],
            [.. (certificateRequest.CertificateAuthorities ?? []).Select(name => (ReadOnlyMemory<byte>)name.GetEncoded())]);
        _signer = _run.Pick(m_context, question, _run.Ask<CredentialAnswer>(question).Credentials, scheme => SignatureRules.MayUse(scheme, is13));
        return _signer;
    }

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        IDictionary<int, byte[]> extensions = base.GetClientExtensions();
        // GnuTLS sends a ticket in a renegotiation too where one was wanted first: it has to be expected, if only to be dropped.
        if (_run.Renegotiation is not null || (_run.Settings.ClientSessions is not null && _run.Request.ResumptionScope is not null))
            extensions[ExtensionType.session_ticket] = _offered12?.Ticket ?? [];
        if (_run.Request.MayAuthenticateLater)
            extensions[ExtensionType.post_handshake_auth] = [];
        if (_run.Request.PeerValue is { } value)
            extensions[Peers.PeerValue.Extension] = value.Bytes.ToArray();
        _run.Renegotiation?.AddToClientHello(extensions);
        return extensions;
    }

    public override IList<int> GetEarlyKeyShareGroups() => _run.Profile.EarlyGroups;

    public override IList<TlsPskExternal>? GetExternalPsks()
    {
        if (Offered13 is null)
            return null;
        int prf = Offered13.Hash.Name == "SHA384" ? PrfAlgorithm.tls13_hkdf_sha384 : PrfAlgorithm.tls13_hkdf_sha256;
        return [new BasicTlsPskExternal(Offered13.Ticket, new ScheduleSecret(_crypto, Offered13.CopySecret(), resumption: true), prf)];
    }

    public override void NotifySelectedPsk(TlsPsk selectedPsk) => _pskSelected = selectedPsk is not null;

    public override TlsSession? GetSessionToResume() => _offered12?.ToResume();

    public override void NotifyNewSessionTicket(NewSessionTicket newSessionTicket) => _ticket12 = newSessionTicket.Ticket;

    /// <summary>Without it two sessions could share a master secret, and the binding to the one before would mean nothing (RFC 7627).</summary>
    public override bool RequiresExtendedMasterSecret() => _run.Renegotiation is not null;

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        RenegotiationInfo.CheckPrecursor(_run, m_context);
        ClientSession? resumed = Is13 ? (_pskSelected ? Offered13 : null) : (Security.IsResumedSession ? _offered12 : null);
        if (resumed is not null)
        {
            _peerChain = resumed.PeerChain;
            _run.Judge(_peerChain, default, resumed: true, Is13);
        }
        Keys.Credential? credential = _signer?.Credential ?? (resumed as IResumedCredential)?.Credential;
        IPostHandshake postHandshake = Is13 ? MakePostHandshake13(credential) : new PostHandshake12(isClient: true, MayRenegotiate);
        if (!Is13)
            Keep12(credential);
        _run.Outcome = new HandshakeOutcome
        {
            Role = TlsRole.Client,
            Version = Is13 ? TlsVersion.Tls13 : TlsVersion.Tls12,
            CipherSuite = Security.CipherSuite,
            Group = Is13 ? Math.Max(Security.NegotiatedGroup, 0) : _crypto.LastGroup,
            ApplicationProtocol = Security.ApplicationProtocol?.GetUtf8Decoding(),
            ServerName = _run.Request.ServerName,
            Resumed = resumed is not null,
            ExtendedMasterSecret = Is13 || Security.IsExtendedMasterSecret,
            MayRenegotiate = MayRenegotiate,
            Credential = credential,
            PeerChain = _peerChain,
            OcspStaple = _ocspStaple,
            Secrets = SecretsFactory.Make(_crypto, m_context, _peerChain.Count > 0 ? _peerChain[0] : default),
            Sealer = _capture.Sealer(m_context),
            Opener = _capture.Opener(m_context),
            PostHandshake = postHandshake,
        };
    }

    /// <summary>Checks that a ServerHello continues the session that is renegotiated.</summary>
    internal void ServerAnswers(ServerHello hello) => _run.Renegotiation?.Check(_run, hello);

    protected override ProtocolVersion[] GetSupportedVersions() => _run.Profile.Versions;

    protected override int[] GetSupportedCipherSuites() => _run.Request.Precursor ? _run.Profile.SuitesWithPrecursor : _run.Profile.Suites;

    protected override IList<int> GetSupportedGroups(IList<int> namedGroupRoles) => [.. _run.Profile.Groups];

    protected override IList<SignatureAndHashAlgorithm> GetSupportedSignatureAlgorithms() => _run.Profile.SignatureAlgorithms;

    protected override IList<ProtocolName>? GetProtocolNames() =>
        _run.Request.ApplicationProtocols is { Count: > 0 } names ? [.. names.Select(ProtocolName.AsUtf8Encoding)] : null;

    protected override IList<ServerName>? GetSniServerNames() =>
        _run.Request.ServerName is { } name ? [new ServerName(NameType.host_name, Encoding.ASCII.GetBytes(name))] : null;

    private static ReadOnlyMemory<byte> OcspStaple(TlsServerCertificate serverCertificate)
    {
        if (serverCertificate.CertificateStatus is { StatusType: CertificateStatusType.ocsp } status)
            return status.OcspResponse.GetEncoded();
        // In TLS 1.3 it comes with the certificate's entry (RFC 8446 section 4.4.2.1): type (1), length (3), response.
        Certificate certificate = serverCertificate.Certificate;
        if (certificate.IsEmpty || certificate.GetCertificateEntryAt(0).Extensions is not { } extensions)
            return default;
        return extensions.TryGetValue(ExtensionType.status_request, out byte[]? staple) && staple.Length > 4 && staple[0] == CertificateStatusType.ocsp
            ? staple.AsMemory(4)
            : default;
    }

    private PostHandshake13 MakePostHandshake13(Keys.Credential? credential) => new(isClient: true, Keeper13(credential))
    {
        Client = _run.Request.MayAuthenticateLater
            ? new PostHandshakeClient(new PostHandshakeTranscript(Transcript!, ResumptionSecrets.Hash(Security)))
            : null,
    };

    private SessionKeeper13? Keeper13(Keys.Credential? credential)
    {
        if (_run.Settings.ClientSessions is not { } store || _run.Request.ResumptionScope is not { } scope)
            return null;
        byte[] master = ResumptionSecrets.Master(_crypto, Security, Transcript!.CloneHash().CalculateHash());
        return new SessionKeeper13(store, scope, ResumptionSecrets.Hash(Security), master, _peerChain, credential);
    }

    private void Keep12(Keys.Credential? credential)
    {
        if (_run.Settings.ClientSessions is not { } store || _run.Request.ResumptionScope is not { } scope)
            return;
        if (!Security.IsExtendedMasterSecret || EngineProfile.IsAnonymous(Security.CipherSuite))
            return;
        if (Security.IsResumedSession && _offered12 is not null)
            store.Put(scope, _offered12.WithTicket(_ticket12));
        else if (m_context.Session is { } session && (_ticket12 is not null || session.SessionID.Length > 0))
            store.Put(scope, new ClientSession12(session.ExportSessionParameters(), session.SessionID, _ticket12, _peerChain, credential));
    }
}
