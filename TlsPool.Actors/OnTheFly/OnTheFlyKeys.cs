using System.Security.Cryptography;
using TlsPool.Actors.Sessions;
using TlsPool.Crypto.Keys;

namespace TlsPool.Actors.OnTheFly;

/// <summary>
/// Keys of certificates of a moment: on P-256, in this process's memory only, a new one each hour; the one before serves sessions that have
/// begun with it. Keys of other kinds are left to others. Thread safe.
/// </summary>
/// <param name="others">Keys at hand of other kinds.</param>
/// <param name="time">Clock.</param>
internal sealed class OnTheFlyKeys(ISigningKeys others, TimeProvider time) : ISigningKeys, IDisposable
{
    /// <summary>Schemes that the keys make: ecdsa_secp256r1_sha256.</summary>
    internal static readonly IReadOnlyList<int> Schemes = [0x0403];

    private const string Scheme = "onthefly:";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private MomentaryKey? _current;
    private MomentaryKey? _before;
    private int _made;

    /// <summary>The key for a certificate that is made now.</summary>
    /// <returns>Its name, and DER of its public half.</returns>
    internal (KeyReference Key, byte[] PublicKey) Current()
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_current is null || now - _current.Since >= Lifetime)
            {
                _before?.Key.Dispose();
                (_before, _current) = (_current, new MomentaryKey(new KeyReference($"{Scheme}{++_made}"), ECDsa.Create(ECCurve.NamedCurves.nistP256), now));
            }
            return (_current.Name, _current.Key.ExportSubjectPublicKeyInfo());
        }
    }

    /// <inheritdoc/>
    public byte[]? TrySign(SignatureRequest request)
    {
        if (!request.Key.Uri.StartsWith(Scheme, StringComparison.Ordinal))
            return others.TrySign(request);
        lock (_lock)
        {
            MomentaryKey? key = request.Key == _current?.Name ? _current : request.Key == _before?.Name ? _before : null;
            return Schemes.Contains(request.Scheme)
                ? key?.Key.SignData(request.Content.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
                : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _current?.Key.Dispose();
            _before?.Key.Dispose();
            (_current, _before) = (null, null);
        }
    }

    private sealed record MomentaryKey(KeyReference Name, ECDsa Key, DateTimeOffset Since);
}
