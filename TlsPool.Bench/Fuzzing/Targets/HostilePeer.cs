using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>The other side of a handshake: BouncyCastle's own protocol, which keeps all rules but for what is tampered with on the way out.</summary>
internal sealed class HostilePeer
{
    private readonly TlsProtocol _protocol;
    private readonly Tampering _tampering;
    private bool _protects;

    private HostilePeer(TlsProtocol protocol, Tampering tampering) => (_protocol, _tampering) = (protocol, tampering);

    /// <summary>Starts as the other role.</summary>
    internal static HostilePeer Start(TlsRole role, HandshakeSettings settings, Tampering tampering, FuzzIdentity identity)
    {
        var crypto = new HostileCrypto(tampering);
        if (role == TlsRole.Server)
        {
            var server = new TlsServerProtocol();
            server.Accept(new Server(crypto, settings, identity));
            return new HostilePeer(server, tampering);
        }
        var client = new TlsClientProtocol();
        client.Connect(new Client(crypto, settings, identity));
        return new HostilePeer(client, tampering);
    }

    /// <summary>Gives it bytes; that it may not like them is its own affair.</summary>
    internal void Offer(byte[] bytes)
    {
        try
        {
            if (bytes.Length > 0 && !_protocol.IsClosed)
                _protocol.OfferInput(bytes, 0, bytes.Length);
        }
        catch (IOException)
        {
            // It has closed itself.
        }
    }

    /// <summary>What it has to say; handshake messages in plain are tampered with here.</summary>
    internal byte[] Output()
    {
        byte[] output = new byte[_protocol.GetAvailableOutputBytes()];
        _protocol.ReadOutput(output, 0, output.Length);
        var changed = new List<byte>();
        for (ReadOnlySpan<byte> rest = output; rest.Length >= RecordHeader.Size;)
        {
            int size = RecordHeader.Size + RecordHeader.BodyLength(rest);
            ReadOnlySpan<byte> record = rest[..size];
            var type = (Crypto.Records.ContentType)record[0];
            // From here on the cipher does it.
            _protects |= type is Crypto.Records.ContentType.ChangeCipherSpec or Crypto.Records.ContentType.ApplicationData;
            if (type == Crypto.Records.ContentType.Handshake && !_protects)
                changed.AddRange(SealedStream.Raw(record[0], _tampering.Apply(record[RecordHeader.Size..])));
            else
                changed.AddRange(record);
            rest = rest[size..];
        }
        return [.. changed];
    }

    private static ProtocolVersion[] Versions(HandshakeSettings settings) =>
        settings.MaxVersion == TlsVersion.Tls12 ? ProtocolVersion.TLSv12.Only()
        : settings.MinVersion == TlsVersion.Tls13 ? ProtocolVersion.TLSv13.Only()
        : ProtocolVersion.TLSv13.DownTo(ProtocolVersion.TLSv12);

    private static Signer Sign(TlsContext context, TlsCrypto crypto, FuzzIdentity identity)
    {
        TlsCertificate certificate = crypto.CreateCertificate(identity.Certificate);
        Certificate chain = TlsUtilities.IsTlsV13(context)
            ? new Certificate(CertificateType.X509, [], [new CertificateEntry(certificate, null)])
            : new Certificate([certificate]);
        return new Signer(chain, identity);
    }

    private sealed class Signer(Certificate chain, FuzzIdentity identity) : TlsCredentialedSigner
    {
        public Certificate Certificate => chain;

        public SignatureAndHashAlgorithm SignatureAndHashAlgorithm { get; } =
            SignatureScheme.GetSignatureAndHashAlgorithm(SignatureScheme.ecdsa_secp256r1_sha256);

        public byte[] GenerateRawSignature(byte[] hash) => identity.SignHash(hash);

        public TlsStreamSigner GetStreamSigner() => null!;
    }

    private sealed class Server(TlsCrypto crypto, HandshakeSettings settings, FuzzIdentity identity) : DefaultTlsServer(crypto)
    {
        public override TlsCredentials GetCredentials() => Sign(m_context, Crypto, identity);

        public override CertificateRequest GetCertificateRequest()
        {
            IList<SignatureAndHashAlgorithm> algorithms = TlsUtilities.GetDefaultSupportedSignatureAlgorithms(m_context);
            return TlsUtilities.IsTlsV13(m_context)
                ? new CertificateRequest([], algorithms, null, null)
                : new CertificateRequest([ClientCertificateType.ecdsa_sign], algorithms, null);
        }

        public override void NotifyClientCertificate(Certificate clientCertificate)
        {
            // Whoever it is.
        }

        protected override ProtocolVersion[] GetSupportedVersions() => Versions(settings);

        protected override int[] GetSupportedCipherSuites() => [.. settings.CipherSuites ?? [0x1301, 0x1303, 0xc02b, 0xcca9]];
    }

    private sealed class Client(TlsCrypto crypto, HandshakeSettings settings, FuzzIdentity identity) : DefaultTlsClient(crypto), TlsAuthentication
    {
        public override TlsAuthentication GetAuthentication() => this;

        public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
        {
            // Whoever it is.
        }

        public TlsCredentials GetClientCredentials(CertificateRequest certificateRequest) => Sign(m_context, Crypto, identity);

        protected override ProtocolVersion[] GetSupportedVersions() => Versions(settings);

        protected override int[] GetSupportedCipherSuites() => [.. settings.CipherSuites ?? [0x1301, 0x1303, 0xc02b, 0xcca9]];
    }
}
