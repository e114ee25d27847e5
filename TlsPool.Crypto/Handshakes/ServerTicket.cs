using System.Buffers.Binary;
using System.Text;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>What a server puts into a session ticket. It travels sealed, but is parsed as if it were hostile.</summary>
/// <param name="Version">Protocol version.</param>
/// <param name="CipherSuite">IANA number.</param>
/// <param name="Secret">Resumption PSK (1.3) or master secret (1.2).</param>
/// <param name="Scope">Resumption scope of the session.</param>
/// <param name="ServerName">SNI, or empty.</param>
/// <param name="ApplicationProtocol">ALPN, or empty.</param>
/// <param name="Credential">SHA-256 of the server's certificate (<see cref="Keys.Credential.Fingerprint"/>).</param>
/// <param name="PeerChain">The client's certificates.</param>
internal sealed record ServerTicket(
    TlsVersion Version,
    int CipherSuite,
    byte[] Secret,
    string Scope,
    string ServerName,
    string ApplicationProtocol,
    ReadOnlyMemory<byte> Credential,
    IReadOnlyList<ReadOnlyMemory<byte>> PeerChain)
{
    /// <summary>Longer states get no ticket: a ClientHello has to carry them back.</summary>
    private const int MaxSize = 6 * 1024;

    /// <summary>The ticket it was opened from.</summary>
    internal byte[] Ticket { get; init; } = [];

    /// <summary>True if the state is small enough for a ticket.</summary>
    internal bool Fits => Secret.Length + Scope.Length + PeerChain.Sum(der => der.Length + 2) + 512 < MaxSize;

    internal byte[] Encode()
    {
        var output = new MemoryStream(256);
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)Version);
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)CipherSuite);
        output.Write(head);
        Write(output, Secret);
        Write(output, Encoding.UTF8.GetBytes(Scope));
        Write(output, Encoding.UTF8.GetBytes(ServerName));
        Write(output, Encoding.UTF8.GetBytes(ApplicationProtocol));
        Write(output, Credential.Span);
        foreach (ReadOnlyMemory<byte> der in PeerChain)
            Write(output, der.Span);
        return output.ToArray();
    }

    internal static ServerTicket? TryDecode(ReadOnlyMemory<byte> state)
    {
        if (state.Length < 4)
            return null;
        var version = (TlsVersion)BinaryPrimitives.ReadUInt16BigEndian(state.Span);
        int suite = BinaryPrimitives.ReadUInt16BigEndian(state.Span[2..]);
        var fields = new List<ReadOnlyMemory<byte>>();
        for (state = state[4..]; !state.IsEmpty;)
        {
            if (state.Length < 2)
                return null;
            int length = BinaryPrimitives.ReadUInt16BigEndian(state.Span);
            if (state.Length < 2 + length)
                return null;
            fields.Add(state.Slice(2, length));
            state = state[(2 + length)..];
        }
        if (fields.Count < 5 || !Enum.IsDefined(version))
            return null;
        return new ServerTicket(
            version, suite, fields[0].ToArray(), Text(fields[1]), Text(fields[2]), Text(fields[3]), fields[4].ToArray(), [.. fields.Skip(5).Select(der => (ReadOnlyMemory<byte>)der.ToArray())]);
    }

    private static string Text(ReadOnlyMemory<byte> field) => Encoding.UTF8.GetString(field.Span);

    private static void Write(MemoryStream output, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)field.Length));
        output.Write(length);
        output.Write(field);
    }
}
