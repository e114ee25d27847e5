using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>Settings of a handshake, chosen by one byte of an input.</summary>
internal readonly struct EngineChoice(byte choice)
{
    private static readonly int[] WithCbc = [0x1301, 0x1303, 0xc02b, 0xc009, 0xc023, 0xc024];

    internal const byte Only12 = 1;
    internal const byte Only13 = 2;
    internal const byte Resumption = 4;
    internal const byte Authentication = 8;
    internal const byte Later = 16;
    internal const byte Alpn = 32;
    internal const byte Cbc = 64;

    internal bool AnswersLater => Has(Later);

    internal HandshakeSettings Settings(ITicketProtector? tickets, IClientSessionStore? sessions) => new()
    {
        MinVersion = Has(Only13) ? TlsVersion.Tls13 : TlsVersion.Tls12,
        MaxVersion = Has(Only12) && !Has(Only13) ? TlsVersion.Tls12 : TlsVersion.Tls13,
        CipherSuites = Has(Cbc) ? WithCbc : null,
        Tickets = Has(Resumption) ? tickets : null,
        ClientSessions = Has(Resumption) ? sessions : null,
    };

    internal HandshakeRequest Request(TlsRole role) => new(
        role,
        role == TlsRole.Client || Has(Authentication) ? PeerAuthentication.Demand : PeerAuthentication.Ignore,
        role == TlsRole.Client ? "localhost" : null,
        Has(Alpn) ? ["h2", "http/1.1"] : [],
        Has(Resumption) ? "scope" : null);

    private bool Has(byte bit) => (choice & bit) != 0;
}
