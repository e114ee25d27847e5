using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a server answers to BouncyCastle's callbacks.</summary>
internal sealed class ServerPeer : DefaultTlsServer
{
    private readonly HandshakeRun _run;
    private readonly EngineCrypto _crypto;
    private readonly CipherCapture _capture;
    private CredentialSigner? _signer;
    private byte[]? _offeredTicket;
    private ServerTicket? _resumed;
    private IReadOnlyList<ReadOnlyMemory<byte>> _peerChain = [];

    internal ServerPeer(HandshakeRun run, EngineCrypto crypto)
        : base(crypto)
    {
        (_run, _crypto) = (run, crypto);
        _capture = new CipherCapture(run, crypto);
    }

    /// <summary>Hash of the transcript with the client's Finished (TLS 1.3).</summary>
    internal byte[] TranscriptHash { get; set; } = [];

    private SecurityParameters Security => m_context.SecurityParameters;

    private bool Is13 => TlsUtilities.IsTlsV13(m_context);

    private string? ServerName { get; set; }

    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        IDictionary<int, byte[]> extensions = base.GetServerExtensions();
        if (IssuesTicket12())
            extensions[ExtensionType.session_ticket] = [];
        return extensions;
    }

    public override void GetServerExtensionsForConnection(IDictionary<int, byte[]> serverExtensions)
    {
        base.GetServerExtensionsForConnection(serverExtensions);
        // The extensions of the first handshake come back with a resumed session; a ticket that was not renewed must not be promised.
        if (Security.IsResumedSession)
            serverExtensions.Remove(ExtensionType.session_ticket);
    }

    public override TlsCredentials GetCredentials()
    {
        ChooseCredential();
        return _signer!;
    }

    public override int GetSelectedCipherSuite()
    {
        // In TLS 1.2 the suite depends on the key; in TLS 1.3 a ticket may make a credential unnecessary.
        if (!Is13)
            ChooseCredential();
        return base.GetSelectedCipherSuite();
    }

    public override int[] GetSupportedGroups() => _run.Profile.Groups;

    public override bool PreferLocalSupportedGroups() => true;

    public override CertificateRequest? GetCertificateRequest()
    {
        if (_run.Request.PeerAuthentication == PeerAuthentication.Ignore)
            return null;
        return Is13
            ? new CertificateRequest([], _run.Profile.SignatureAlgorithms13, null, null)
            : new CertificateRequest(
                [ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign], _run.Profile.SignatureAlgorithms, null);
    }

    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        _peerChain = CertificateChain.Der(clientCertificate);
        _run.Judge(_peerChain, default, resumed: false, Is13);
    }

    public override TlsPskExternal? GetExternalPsk(IList<PskIdentity> identities)
    {
        _resumed = _run.OpenTicket(identities.Select(identity => identity.Identity), TlsVersion.Tls13, ServerName);
        if (_resumed is null)
            return null;
        int prf = CipherSuiteInfo.For(_resumed.CipherSuite).Hash.Name == "SHA384"
            ? PrfAlgorithm.tls13_hkdf_sha384
            : PrfAlgorithm.tls13_hkdf_sha256;
        // BouncyCastle takes every PSK for an external one, whose age has to be zero.
        for (int i = 0; i < identities.Count; i++)
            if (identities[i].Identity.AsSpan().SequenceEqual(_resumed.Ticket))
                identities[i] = new PskIdentity(identities[i].Identity, 0);
        return new BasicTlsPskExternal(_resumed.Ticket, new ScheduleSecret(_crypto, _resumed.Secret.AsSpan().ToArray(), resumption: true), prf);
    }

    public override TlsSession? GetSessionToResume(byte[] sessionID)
    {
        if (_offeredTicket is not { Length: > 0 } ticket || sessionID.Length == 0)
            return null;
        _resumed = _run.OpenTicket([ticket], TlsVersion.Tls12, ServerName);
        if (_resumed is null)
            return null;
        SessionParameters parameters = new SessionParameters.Builder()
            .SetCipherSuite(_resumed.CipherSuite)
            .SetExtendedMasterSecret(true)
            .SetMasterSecret(_crypto.CreateSecret(_resumed.Secret.AsSpan().ToArray()))
            .SetNegotiatedVersion(ProtocolVersion.TLSv12)
            .SetPeerCertificate(CertificateChain.FromDer(_crypto, _resumed.PeerChain))
            .SetServerExtensions(new Dictionary<int, byte[]>())
            .Build();
        return TlsUtilities.ImportSession(sessionID, parameters);
    }

    public override NewSessionTicket GetNewSessionTicket() =>
        new((long)_run.Settings.Tickets!.Lifetime.TotalSeconds, _run.SealTicket12(() => State(TlsVersion.Tls12, _crypto.Copy(Security.MasterSecret))));

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        bool resumed = _resumed is not null && (Is13 ? _signer is null : Security.IsResumedSession);
        if (resumed)
        {
            _peerChain = _resumed!.PeerChain;
            _run.Judge(_peerChain, default, resumed: true, Is13);
        }
        byte[]? resumption = Is13 ? ResumptionSecrets.Master(_crypto, Security, TranscriptHash) : null;
        _run.Outcome = new HandshakeOutcome
        {
            Role = TlsRole.Server,
            Version = Is13 ? TlsVersion.Tls13 : TlsVersion.Tls12,
            CipherSuite = Security.CipherSuite,
            Group = Is13 ? Math.Max(Security.NegotiatedGroup, 0) : _crypto.LastGroup,
            ApplicationProtocol = Security.ApplicationProtocol?.GetUtf8Decoding(),
            ServerName = ServerName,
            Resumed = resumed,
            ExtendedMasterSecret = Is13 || Security.IsExtendedMasterSecret,
            Credential = _signer?.Credential,
            PeerChain = _peerChain,
            Secrets = SecretsFactory.Make(_crypto, m_context, _signer?.Credential.Chain[0] ?? default),
            FirstMessages = resumption is null ? null : MakeTicket13(resumption),
            Sealer = _capture.Sealer(m_context),
            Opener = _capture.Opener(m_context),
            PostHandshake = Is13 ? new PostHandshake13(null) : new PostHandshake12(),
        };
    }

    /// <summary>Notes ticket and SNI of a ClientHello: BouncyCastle asks for sessions before it shows the extensions.</summary>
    internal void ClientOffers(ClientHello hello)
    {
        IDictionary<int, byte[]>? extensions = hello.Extensions;
        _offeredTicket = extensions is not null && extensions.TryGetValue(ExtensionType.session_ticket, out byte[]? ticket) ? ticket : null;
        ServerName = HostName(extensions is null ? null : TlsExtensionsUtilities.GetServerNameExtensionClient(extensions));
    }

    protected override ProtocolVersion[] GetSupportedVersions() => _run.Profile.Versions;

    protected override int[] GetSupportedCipherSuites() => _run.Profile.Suites;

    protected override bool PreferLocalCipherSuites() => true;

    protected override IList<ProtocolName>? GetProtocolNames() =>
        _run.Request.ApplicationProtocols is { Count: > 0 } names ? [.. names.Select(ProtocolName.AsUtf8Encoding)] : null;

    protected override bool AllowCertificateStatus() => false;

    protected override int SelectECDH(int minimumCurveBits)
    {
        int[]? offered = Security.ClientSupportedGroups;
        foreach (int group in _run.Profile.Groups)
            if (NamedGroup.RefersToAnECDHCurve(group) && (offered is null || offered.Contains(group)))
                return group;
        return base.SelectECDH(minimumCurveBits);
    }

    protected override bool IsSelectableCipherSuite(
        int cipherSuite, int availCurveBits, int availFiniteFieldBits, IList<short> sigAlgs)
    {
        if (!Is13 && _signer is not null)
        {
            bool rsa = _signer.SignatureAndHashAlgorithm.Signature is SignatureAlgorithm.rsa or SignatureAlgorithm.rsa_pss_rsae_sha256
                or SignatureAlgorithm.rsa_pss_rsae_sha384 or SignatureAlgorithm.rsa_pss_rsae_sha512;
            if (TlsUtilities.GetKeyExchangeAlgorithm(cipherSuite) != (rsa ? KeyExchangeAlgorithm.ECDHE_RSA : KeyExchangeAlgorithm.ECDHE_ECDSA))
                return false;
        }
        return base.IsSelectableCipherSuite(cipherSuite, availCurveBits, availFiniteFieldBits, sigAlgs);
    }

    private static string? HostName(IList<ServerName>? names)
    {
        if (names is not { Count: > 0 } || names[0].NameType != NameType.host_name)
            return null;
        byte[] name = names[0].NameData;
        return name.Length <= 253 && !name.AsSpan().ContainsAnyExceptInRange((byte)0x21, (byte)0x7e)
            ? Encoding.ASCII.GetString(name).ToLowerInvariant().TrimEnd('.')
            : null;
    }

    private bool IssuesTicket12() =>
        !Is13 && _offeredTicket is not null && _run.Settings.Tickets is not null && _run.Request.ResumptionScope is not null;

    private void ChooseCredential()
    {
        if (_signer is not null)
            return;
        bool is13 = Is13;
        var question = new CredentialQuestion(
            TlsRole.Server,
            is13 ? TlsVersion.Tls13 : TlsVersion.Tls12,
            ServerName,
            [.. (Security.ClientSigAlgs ?? []).Select(SignatureScheme.From)],
            []);
        _signer = _run.ChooseCredential(m_context, question, scheme => SignatureRules.MayUse(scheme, is13))
            ?? throw _run.Refuse(
                ServerName is null ? AlertCode.HandshakeFailure : AlertCode.UnrecognizedName,
                ServerName is null
                    ? "no server identity was asked for and none is configured for clients without SNI: see 'tlspool identity'"
                    : $"no server identity for {ServerName}: see 'tlspool identity list'");
    }

    private byte[]? MakeTicket13(byte[] resumptionMaster)
    {
        if (_run.Settings.Tickets is not { } tickets || _run.Request.ResumptionScope is null)
            return null;
        byte[] secret = ResumptionSecrets.TicketSecret(Security, resumptionMaster, [0]);
        ServerTicket state = State(TlsVersion.Tls13, secret);
        return state.Fits ? ResumptionSecrets.NewSessionTicket(tickets.Seal(state.Encode()), tickets.Lifetime, nonce: 0) : null;
    }

    private ServerTicket State(TlsVersion version, byte[] secret) => new(
        version,
        Security.CipherSuite,
        secret,
        _run.Request.ResumptionScope!,
        ServerName ?? "",
        Security.ApplicationProtocol?.GetUtf8Decoding() ?? "",
        _peerChain);
}
