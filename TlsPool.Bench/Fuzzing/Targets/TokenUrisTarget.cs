using System.Text;
using TlsPool.Crypto.Tokens;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary><c>pkcs11:</c> URIs: what is read is written so that it is read again as the same, and the PIN is never written.</summary>
internal sealed class TokenUrisTarget : FuzzTarget
{
    private const string Secret = "S3cr3tP1N";

    private static readonly string[] Samples =
    [
        "pkcs11:",
        "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;serial=;model=1.0",
        "pkcs11:object=my-key;type=private;id=%69%95%3E%5C%F4%BD%EC%91?pin-source=file:/etc/token_pin&module-name=mypkcs11",
        "pkcs11:slot-id=18446744073709551615;slot-manufacturer=a;slot-description=b;library-version=2.40;library-manufacturer=c",
        $"pkcs11:token=t;x-vendor=1?pin-value={Secret}&module-path=/usr/lib/softhsm/libsofthsm2.so&x=1&x=2",
        "PKCS11:type=cert;library-description=%C3%A9;library-version=3",
    ];

    internal override string Name => "token-uris";

    internal override int MaxLength => Pkcs11Uri.MaxLength + 16;

    internal override IReadOnlyList<byte[]> Words => [.. Samples.SelectMany(text => text.Split(':', ';', '?', '&')).Select(Encoding.Latin1.GetBytes),
        "%"u8.ToArray(), ";"u8.ToArray(), "&"u8.ToArray(), "="u8.ToArray()];

    internal override IEnumerable<byte[]> Seeds() => Samples.Select(Encoding.Latin1.GetBytes);

    internal override void Run(byte[] input)
    {
        string text = Encoding.Latin1.GetString(input);
        Pkcs11Uri uri;
        try
        {
            uri = Pkcs11Uri.Parse(text);
        }
        catch (FormatException exception)
        {
            UnlessPrintable(exception.Message, "the reason");
            Unless(!exception.Message.Contains(Secret, StringComparison.Ordinal), "a reason has no PIN in it");
            return;
        }
        string written = uri.ToString();
        Unless(!written.Contains("pin-value=", StringComparison.Ordinal), "the PIN is not written");
        // It may have become too long by the writer's own escapes.
        if (written.Length <= Pkcs11Uri.MaxLength)
            Unless(Pkcs11Uri.Parse(written).ToString() == written, "a URI is read as it was written");
        Unless(!uri.ToKeyReference().Uri.Contains('?', StringComparison.Ordinal), "a reference to a key has no query");
    }
}
