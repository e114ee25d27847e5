using System.Buffers.Binary;
using System.Security.Cryptography;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Turns the NewSessionTicket messages that a client receives into sessions to resume (RFC 8446 section 4.6.1).</summary>
internal sealed class SessionKeeper13(
    IClientSessionStore store,
    string scope,
    HashAlgorithmName hash,
    byte[] resumptionMaster,
    IReadOnlyList<ReadOnlyMemory<byte>> peerChain,
    Keys.Credential? credential)
{
    /// <summary>Whatever the server says.</summary>
    private const uint MaxLifetime = 7 * 24 * 3600;

    /// <summary>A server that sends more is wasting memory.</summary>
    private const int MaxTickets = 8;

    private int _kept;

    /// <summary>Takes the body of a NewSessionTicket.</summary>
    /// <exception cref="RecordException">It is malformed.</exception>
    internal void Take(ReadOnlySpan<byte> body)
    {
        if (body.Length < 9)
            throw Malformed();
        uint lifetime = BinaryPrimitives.ReadUInt32BigEndian(body);
        uint ageAdd = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        int nonceLength = body[8];
        if (body.Length < 9 + nonceLength + 2)
            throw Malformed();
        ReadOnlySpan<byte> nonce = body.Slice(9, nonceLength);
        ReadOnlySpan<byte> rest = body[(9 + nonceLength)..];
        int ticketLength = BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (ticketLength == 0 || rest.Length < 2 + ticketLength + 2)
            throw Malformed();
        ReadOnlySpan<byte> extensions = rest[(2 + ticketLength)..];
        if (BinaryPrimitives.ReadUInt16BigEndian(extensions) != extensions.Length - 2)
            throw Malformed();
        if (lifetime == 0 || _kept++ >= MaxTickets)
            return;
        store.Put(
            scope,
            new ClientSession13(
                rest.Slice(2, ticketLength).ToArray(),
                ResumptionSecrets.TicketSecret(hash, resumptionMaster, nonce),
                hash,
                ageAdd,
                DateTimeOffset.UtcNow,
                TimeSpan.FromSeconds(Math.Min(lifetime, MaxLifetime)),
                peerChain,
                credential));
    }

    private static RecordException Malformed() => new(AlertCode.DecodeError, "a session ticket is malformed");
}
