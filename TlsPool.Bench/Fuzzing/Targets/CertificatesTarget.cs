using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Identities;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// A peer's chain, or what an operator imports: it is read or refused, judged or refused, and nothing in it reaches a log unescaped. The
/// first byte chooses role and anchors; a chain of DER follows, or PEM.
/// </summary>
internal sealed class CertificatesTarget : FuzzTarget
{
    private const byte PeerIsServer = 1;
    private const byte TrustsLast = 2;
    private const byte TrustsFirst = 4;

    private static readonly string[] Requested = ["localhost", "user@example.com", "www.example.com", "127.0.0.1", "::1"];

    /// <summary>When certificates of inputs are judged; they are made to be valid then.</summary>
    internal static DateTimeOffset Time { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal override string Name => "certificates";

    internal override int MaxLength => 8192;

    internal override IReadOnlyList<byte[]> Words => Asn1Words.All;

    internal override IEnumerable<byte[]> Seeds() => CertificateSeeds.Make();

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        byte choice = reader.Byte();
        byte[] content = reader.Rest.ToArray();
        CheckReader(content);
        IReadOnlyList<ReadOnlyMemory<byte>> chain = Split(content);
        TlsRole role = (choice & PeerIsServer) != 0 ? TlsRole.Server : TlsRole.Client;
        List<ReadOnlyMemory<byte>> anchors = [];
        if ((choice & TrustsLast) != 0)
            anchors.Add(chain[^1]);
        if ((choice & TrustsFirst) != 0)
            anchors.Add(chain[0]);
        PathVerdict verdict = PathValidator.Validate(chain, role, new AnchorSet(anchors), Time);
        if (verdict.Facts is { } facts)
            CheckNames(facts, role);
        else
            Unless(verdict.Reason.Length > 0, "a refusal has a reason");
        UnlessPrintable(verdict.Reason, "the reason");
        foreach (ReadOnlyMemory<byte> certificate in chain)
            CheckEngine(certificate.ToArray());
    }

    private static void CheckReader(byte[] content)
    {
        try
        {
            IReadOnlyList<ReadOnlyMemory<byte>> found = CertificateReader.Read(content);
            Unless(found.Count > 0, "what was read is at least one certificate");
        }
        catch (CertificateException exception)
        {
            UnlessPrintable(exception.Message, "the reason");
        }
    }

    private static IReadOnlyList<ReadOnlyMemory<byte>> Split(byte[] content)
    {
        try
        {
            IReadOnlyList<ReadOnlyMemory<byte>> chain = CertificateReader.Split(content);
            Unless(CertificateReader.Join(chain).AsSpan().SequenceEqual(content), "a chain that was taken apart is the same when joined");
            return chain;
        }
        catch (CertificateException)
        {
            // A peer may send that as well.
            return [content];
        }
    }

    private static void CheckNames(CertificateFacts facts, TlsRole role)
    {
        UnlessPrintable(facts.Subject, "a subject");
        foreach (bool commonName in new[] { false, true })
        {
            string? identity = NameMatcher.Identify(facts, role, commonName);
            Unless(identity is null || DoNai.TryParse(identity, out _), "a peer is named by an identity");
            foreach (string requested in Requested)
            {
                string? matched = NameMatcher.Match(facts, requested, domainRepresentsUser: true, commonName);
                Unless(matched is null || requested.EndsWith(matched, StringComparison.Ordinal), "a peer is nobody but the one that was asked for");
            }
        }
    }

    /// <summary>The engine's own look at it, whose exceptions the machine turns into alerts: what counts is that it ends.</summary>
    private static void CheckEngine(byte[] certificate)
    {
        try
        {
            var native = new NativeCertificate(new EngineCrypto(new HandshakeTape()), certificate);
            native.GetLegacySignatureAlgorithm();
            native.SupportsSignatureAlgorithm(SignatureAlgorithm.ecdsa);
            native.CreateVerifier(SignatureScheme.ecdsa_secp256r1_sha256).VerifySignature([0x30, 6, 2, 1, 1, 2, 1, 1]);
        }
        catch (Exception exception) when (exception is not (FuzzViolationException or OutOfMemoryException))
        {
            // Any other is the peer's fault.
        }
    }
}
