using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Keys;
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
    private ClientOffer? _offer;
    private IReadOnlyList<Credential>? _credentials;
    private ServerTicket? _resumed;
    private IReadOnlyList<ReadOnlyMemory<byte>> _peerChain = [];

    internal ServerPeer(HandshakeRun run, EngineCrypto crypto)
        : base(crypto)
    {
        (_run, _crypto) = (run, crypto);
        _capture = new CipherCapture(run, crypto);
    }

    /// <summary>The transcript with the client's Finished (TLS 1.3).</summary>
    internal TlsHash? Transcript { get; set; }

    private SecurityParameters Security => m_context.SecurityParameters;

    private bool Is13 => TlsUtilities.IsTlsV13(m_context);

    private bool MayRenegotiate => RenegotiationInfo.MayFollow(m_context);

    private bool IsAnonymous => EngineProfile.IsAnonymous(Security.CipherSuite);

    private ClientOffer Offer => _offer ?? throw new TlsFatalAlert(AlertDescription.internal_error);

    private string? ServerName => Offer.ServerName;

    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        IDictionary<int, byte[]> extensions = base.GetServerExtensions();
        // GnuTLS waits for a ticket in a renegotiation too where it got one first: it gets an empty one (RFC 5077 section 3.3).
        if (IssuesTicket12() || (_run.Renegotiation is not null && Offer.Ticket12 is not null))
            extensions[ExtensionType.session_ticket] = [];
        return extensions;
    }

    public override void GetServerExtensionsForConnection(IDictionary<int, byte[]> serverExtensions)
    {
        base.GetServerExtensionsForConnection(serverExtensions);
        _run.Renegotiation?.AddToServerHello(serverExtensions);
        if (!Security.IsResumedSession)
            return;
        // The extensions of the first handshake come back with a resumed session; a ticket that was not renewed must not be promised.
        serverExtensions.Remove(ExtensionType.session_ticket);
        // The limit counts for resumed sessions too (RFC 6066 section 4).
        if (m_maxFragmentLengthOffered > 0)
            TlsExtensionsUtilities.AddMaxFragmentLengthExtension(serverExtensions, m_maxFragmentLengthOffered);
    }

    public override TlsCredentials? GetCredentials()
    {
        if (IsAnonymous)
            return null;
        ChooseCredential();
        return _signer;
    }

    public override int GetSelectedCipherSuite()
    {
        if (WantsPrecursor() && SelectCipherSuite(EngineProfile.AnonymousSuite))
            return EngineProfile.AnonymousSuite;
        // In TLS 1.2 the suite depends on the key; in TLS 1.3 a ticket makes a credential unnecessary, but binds the hash.
        if (!Is13)
            ChooseCredential();
        else if (_resumed is { } ticket && SuiteFor(ticket) is { } suite && SelectCipherSuite(suite))
            return suite;
        return base.GetSelectedCipherSuite();
    }

    public override int[] GetSupportedGroups() => _run.Profile.Groups;

    public override bool PreferLocalSupportedGroups() => true;

    public override CertificateRequest? GetCertificateRequest()
    {
        if (_run.Request.PeerAuthentication == PeerAuthentication.Ignore || IsAnonymous)
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
        _resumed = _run.OpenTickets(identities.Select(identity => identity.Identity), TlsVersion.Tls13).FirstOrDefault(MayResume);
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
        if (Offer.Ticket12 is not { Length: > 0 } ticket || sessionID.Length == 0)
            return null;
        _resumed = _run.OpenTickets([ticket], TlsVersion.Tls12).FirstOrDefault(MayResume);
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

    public override NewSessionTicket GetNewSessionTicket()
    {
        if (!IssuesTicket12())
            return base.GetNewSessionTicket();
        ServerTicket state = State(TlsVersion.Tls12, _crypto.Copy(Security.MasterSecret), _signer!.Credential);
        return state.Fits
            ? new NewSessionTicket((long)_run.Settings.Tickets!.Lifetime.TotalSeconds, _run.SealTicket12(state))
            : base.GetNewSessionTicket();
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        RenegotiationInfo.CheckPrecursor(_run, m_context);
        bool resumed = _resumed is not null && (Is13 ? _signer is null : Security.IsResumedSession);
        if (resumed)
        {
            _peerChain = _resumed!.PeerChain;
            _run.Judge(_peerChain, default, resumed: true, Is13);
        }
        Credential? credential = _signer?.Credential ?? (resumed ? CredentialOf(_resumed!) : null);
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
            MayRenegotiate = MayRenegotiate,
            Credential = credential,
            PeerChain = _peerChain,
            Secrets = SecretsFactory.Make(_crypto, m_context, credential?.Chain[0] ?? default),
            FirstMessages = Is13 ? MakeTicket13(credential) : null,
            MaxContent = RecordLimit.Of(Security.MaxFragmentLength),
            Sealer = _capture.Sealer(m_context),
            Opener = _capture.Opener(m_context),
            PostHandshake = Is13 ? MakePostHandshake13() : new PostHandshake12(isClient: false, MayRenegotiate),
        };
    }

    /// <summary>Without it two sessions could share a master secret, and the binding to the one before would mean nothing (RFC 7627).</summary>
    public override bool RequiresExtendedMasterSecret() => _run.Renegotiation is not null;

    /// <summary>Notes a ClientHello: BouncyCastle asks for sessions before it shows the extensions.</summary>
    internal void ClientOffers(ClientHello hello)
    {
        _run.Renegotiation?.Check(_run, hello);
        if (hello.Extensions?.ContainsKey(ExtensionType.early_data) == true)
            _run.EarlyData ??= new EarlyDataFilter();
        if (_offer is null)
            _offer = new ClientOffer(hello);
        else if (!_offer.IsRepeatedBy(hello))
            throw _run.Refuse(AlertCode.IllegalParameter, "the peer changed its mind after HelloRetryRequest");
    }

    protected override ProtocolVersion[] GetSupportedVersions() => _run.Profile.Versions;

    protected override int[] GetSupportedCipherSuites() => _run.Profile.Suites;

    protected override bool PreferLocalCipherSuites() => true;

    protected override IList<ProtocolName>? GetProtocolNames() =>
        _run.Request.ApplicationProtocols is { Count: > 0 } names ? [.. names.Select(ProtocolName.AsUtf8Encoding)] : null;

    protected override bool AllowCertificateStatus() => false;

    protected override int SelectECDH(int minimumCurveBits)
    {
        foreach (int group in CommonCurves())
            return group;
        throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }

    // BouncyCastle would take any curve of the client's that it knows, however small.
    protected override int GetMaximumNegotiableCurveBits() => CommonCurves().Select(NamedGroup.GetCurveBits).DefaultIfEmpty().Max();

    protected override bool IsSelectableCipherSuite(
        int cipherSuite, int availCurveBits, int availFiniteFieldBits, IList<short> sigAlgs)
    {
        if (!Is13 && _signer is not null && !SignatureRules.Suits(cipherSuite, SignatureScheme.From(_signer.SignatureAndHashAlgorithm)))
            return false;
        return !IsUnsafe(cipherSuite) && base.IsSelectableCipherSuite(cipherSuite, availCurveBits, availFiniteFieldBits, sigAlgs);
    }

    /// <summary>True if a client of TLS 1.2 would rather begin anonymously, and can go on from there.</summary>
    private bool WantsPrecursor()
    {
        if (Is13 || !_run.Request.Precursor || !Security.IsExtendedMasterSecret || !Offer.EncryptThenMac || !CommonCurves().Any())
            return false;
        int first = Offer.Suites.FirstOrDefault(suite => EngineProfile.IsAnonymous(suite) || (_run.Profile.Suites.Contains(suite) && !EngineProfile.IsSuite13(suite)));
        return EngineProfile.IsAnonymous(first) && Offer.Suites.Any(suite => _run.Profile.Suites.Contains(suite) && !EngineProfile.IsSuite13(suite));
    }

    private IEnumerable<int> CommonCurves()
    {
        int[]? offered = Security.ClientSupportedGroups;
        return _run.Profile.Groups.Where(group => NamedGroup.RefersToAnECDHCurve(group) && (offered is null || offered.Contains(group)));
    }

    // RFC 7627 section 5.4: a session without its extension must not be resumed. CBC suites would lose encrypt-then-MAC on the way.
    private bool IssuesTicket12() =>
        !Is13
        && Offer.Ticket12 is not null
        && _run.Settings.Tickets is not null
        && _run.Request.ResumptionScope is not null
        && Security.IsExtendedMasterSecret
        && !TlsUtilities.IsBlockCipherSuite(Security.CipherSuite);

    /// <summary>CBC without encrypt-then-MAC.</summary>
    private bool IsUnsafe(int cipherSuite) => TlsUtilities.IsBlockCipherSuite(cipherSuite) && !Offer.EncryptThenMac;

    /// <summary>True if policy, name and identity of a ticket are still what they were.</summary>
    private bool MayResume(ServerTicket ticket) =>
        ticket.ServerName == (ServerName ?? "") && SuiteFor(ticket) is not null && CredentialOf(ticket) is not null;

    /// <summary>The suite that a session goes on with: the same in TLS 1.2, one of the same hash in TLS 1.3; null if there is none.</summary>
    private int? SuiteFor(ServerTicket ticket)
    {
        foreach (int suite in _run.Profile.Suites)
        {
            bool fits = ticket.Version == TlsVersion.Tls13
                ? EngineProfile.IsSuite13(suite) && CipherSuiteInfo.For(suite).Hash == CipherSuiteInfo.For(ticket.CipherSuite).Hash
                : suite == ticket.CipherSuite;
            if (fits && Offer.Suites.Contains(suite))
                return suite;
        }
        return null;
    }

    private Credential? CredentialOf(ServerTicket ticket) =>
        Credentials.FirstOrDefault(credential => credential.Fingerprint.Span.SequenceEqual(ticket.Credential.Span));

    private IReadOnlyList<Credential> Credentials => _credentials ??= _run.Ask<CredentialAnswer>(Question).Credentials;

    private CredentialQuestion Question =>
        new(TlsRole.Server, Is13 ? TlsVersion.Tls13 : TlsVersion.Tls12, ServerName, Offer.Schemes, []);

    private void ChooseCredential()
    {
        if (_signer is not null)
            return;
        bool is13 = Is13;
        _signer = _run.Pick(m_context, Question, Credentials, scheme => SignatureRules.MayUse(scheme, is13) && (is13 || HasSuiteFor(scheme)))
            ?? throw _run.Refuse(
                ServerName is null ? AlertCode.HandshakeFailure : AlertCode.UnrecognizedName,
                ServerName is null
                    ? "no server identity was asked for and none is configured for clients without SNI: see 'tlspool identity'"
                    : $"no server identity for {ServerName}: see 'tlspool identity list'");
    }

    private bool HasSuiteFor(int scheme) => _run.Profile.Suites.Any(suite =>
        !EngineProfile.IsSuite13(suite) && Offer.Suites.Contains(suite) && !IsUnsafe(suite) && SignatureRules.Suits(suite, scheme));

    private PostHandshake13 MakePostHandshake13() => new()
    {
        Server = Offer.PostHandshakeAuthentication
            ? new PostHandshakeServer(new PostHandshakeTranscript(Transcript!, ResumptionSecrets.Hash(Security)), _run.Profile)
            : null,
    };

    private byte[]? MakeTicket13(Credential? credential)
    {
        if (_run.Settings.Tickets is not { } tickets || _run.Request.ResumptionScope is null || credential is null)
            return null;
        byte[] master = ResumptionSecrets.Master(_crypto, Security, Transcript!.CloneHash().CalculateHash());
        ServerTicket state = State(TlsVersion.Tls13, ResumptionSecrets.TicketSecret(Security, master, [0]), credential);
        CryptographicOperations.ZeroMemory(master);
        return state.Fits ? ResumptionSecrets.NewSessionTicket(tickets.Seal(state.Encode()), tickets.Lifetime, nonce: 0) : null;
    }

    private ServerTicket State(TlsVersion version, byte[] secret, Credential credential) => new(
        version,
        Security.CipherSuite,
        secret,
        _run.Request.ResumptionScope!,
        ServerName ?? "",
        Security.ApplicationProtocol?.GetUtf8Decoding() ?? "",
        credential.Fingerprint,
        _peerChain);
}
