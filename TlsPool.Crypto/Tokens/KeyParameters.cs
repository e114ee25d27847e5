namespace TlsPool.Crypto.Tokens;

/// <summary>What kind of key to generate.</summary>
public sealed record KeyParameters
{
    private static readonly (string Name, KeyParameters Parameters)[] Known =
    [
        ("p-256", new(KeyAlgorithm.EcdsaP256, 0)),
        ("p-384", new(KeyAlgorithm.EcdsaP384, 0)),
        ("p-521", new(KeyAlgorithm.EcdsaP521, 0)),
        ("rsa-2048", new(KeyAlgorithm.Rsa, 2048)),
        ("rsa-3072", new(KeyAlgorithm.Rsa, 3072)),
        ("rsa-4096", new(KeyAlgorithm.Rsa, 4096)),
        ("ed25519", new(KeyAlgorithm.Ed25519, 0)),
        ("ml-dsa-44", new(KeyAlgorithm.MlDsa44, 0)),
        ("ml-dsa-65", new(KeyAlgorithm.MlDsa65, 0)),
        ("ml-dsa-87", new(KeyAlgorithm.MlDsa87, 0)),
    ];

    private KeyParameters(KeyAlgorithm algorithm, int rsaBits) => (Algorithm, RsaBits) = (algorithm, rsaBits);

    /// <summary>The algorithm.</summary>
    public KeyAlgorithm Algorithm { get; }

    /// <summary>Length of an RSA modulus: 2048, 3072 or 4096; 0 for other algorithms.</summary>
    public int RsaBits { get; }

    /// <summary>The names that <see cref="Parse"/> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(known => known.Name)];

    /// <summary>ECDSA on P-256: the default, as every peer takes it and tokens are quick with it.</summary>
    public static KeyParameters Default => Known[0].Parameters;

    /// <summary>Reads a name such as <c>p-256</c>, <c>rsa-3072</c>, <c>ed25519</c> or <c>ml-dsa-65</c>, in any case.</summary>
    /// <exception cref="FormatException">The name is unknown; the text lists the known ones.</exception>
    public static KeyParameters Parse(string name)
    {
        foreach ((string known, KeyParameters parameters) in Known)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase))
                return parameters;
        }
        throw new FormatException($"unknown kind of key; use one of {string.Join(", ", Names)}");
    }

    /// <summary>The name that <see cref="Parse"/> takes.</summary>
    public override string ToString() => Known.First(known => ReferenceEquals(known.Parameters, this) || known.Parameters == this).Name;
}
