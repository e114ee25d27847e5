using System.Text;
using Org.BouncyCastle.Tls;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a ClientHello says that the engine's callbacks tell too late, or not at all.</summary>
internal sealed class ClientOffer
{
    private const int EncryptedClientHello = 0xfe0d;

    /// <summary>What may differ after a HelloRetryRequest (RFC 8446 section 4.1.2).</summary>
    private static readonly int[] MayChange =
    [
        ExtensionType.key_share, ExtensionType.early_data, ExtensionType.cookie, ExtensionType.pre_shared_key, ExtensionType.padding,
        EncryptedClientHello,
    ];

    private readonly ClientHello _hello;

    /// <exception cref="TlsFatalAlert">An extension is malformed.</exception>
    internal ClientOffer(ClientHello hello)
    {
        _hello = hello;
        IDictionary<int, byte[]> extensions = Extensions(hello);
        Ticket12 = extensions.TryGetValue(ExtensionType.session_ticket, out byte[]? ticket) ? ticket : null;
        ServerName = HostName(TlsExtensionsUtilities.GetServerNameExtensionClient(extensions));
        Schemes = [.. (TlsExtensionsUtilities.GetSignatureAlgorithmsExtension(extensions) ?? []).Select(SignatureScheme.From)];
        PostHandshakeAuthentication = extensions.ContainsKey(ExtensionType.post_handshake_auth);
        EncryptThenMac = TlsExtensionsUtilities.HasEncryptThenMacExtension(extensions);
    }

    /// <summary>The ticket of RFC 5077: null if it knows none, empty if it has none.</summary>
    internal byte[]? Ticket12 { get; }

    /// <summary>SNI in lower case, or null.</summary>
    internal string? ServerName { get; }

    /// <summary>Signature schemes it accepts (IANA numbers).</summary>
    internal IReadOnlyList<int> Schemes { get; }

    /// <summary>Cipher suites (IANA numbers).</summary>
    internal IReadOnlyList<int> Suites => _hello.CipherSuites;

    /// <summary>True if it knows RFC 7366.</summary>
    internal bool EncryptThenMac { get; }

    /// <summary>True if it answers requests for its certificate after the handshake too (RFC 8446 section 4.2.6).</summary>
    internal bool PostHandshakeAuthentication { get; }

    /// <summary>True if a second ClientHello changes only what it may; else it could be judged by one name and served under another.</summary>
    internal bool IsRepeatedBy(ClientHello second)
    {
        IDictionary<int, byte[]> before = Extensions(_hello), after = Extensions(second);
        return _hello.Random.AsSpan().SequenceEqual(second.Random)
            && _hello.SessionID.AsSpan().SequenceEqual(second.SessionID)
            && _hello.CipherSuites.AsSpan().SequenceEqual(second.CipherSuites)
            && before.Keys.Union(after.Keys).Except(MayChange).All(type =>
                before.TryGetValue(type, out byte[]? one) && after.TryGetValue(type, out byte[]? other) && one.AsSpan().SequenceEqual(other));
    }

    private static IDictionary<int, byte[]> Extensions(ClientHello hello) => hello.Extensions ?? new Dictionary<int, byte[]>();

    private static string? HostName(IList<ServerName>? names)
    {
        if (names is not { Count: > 0 } || names[0].NameType != NameType.host_name)
            return null;
        byte[] name = names[0].NameData;
        if (name.Length > 253 || name.AsSpan().ContainsAnyExceptInRange((byte)0x21, (byte)0x7e))
            return null;
        string text = Encoding.ASCII.GetString(name).ToLowerInvariant().TrimEnd('.');
        return text.Length > 0 ? text : null;
    }
}
