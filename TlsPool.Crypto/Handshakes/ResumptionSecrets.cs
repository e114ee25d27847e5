using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>The resumption part of the TLS 1.3 key schedule (RFC 8446 sections 4.6.1 and 7.1).</summary>
internal static class ResumptionSecrets
{
    private const byte NewSessionTicketType = 4;

    /// <summary>resumption_master_secret.</summary>
    internal static byte[] Master(EngineCrypto crypto, SecurityParameters security, byte[] transcriptHash)
    {
        byte[] master = crypto.Copy(security.MasterSecret);
        byte[] secret = new byte[security.PrfHashLength];
        TrafficSecret.ExpandLabel(Hash(security), master, "res master"u8, transcriptHash, secret);
        CryptographicOperations.ZeroMemory(master);
        return secret;
    }

    /// <summary>The PSK of one ticket.</summary>
    internal static byte[] TicketSecret(SecurityParameters security, byte[] master, ReadOnlySpan<byte> nonce) =>
        TicketSecret(Hash(security), master, nonce);

    /// <summary>The PSK of one ticket.</summary>
    internal static byte[] TicketSecret(HashAlgorithmName hash, byte[] master, ReadOnlySpan<byte> nonce)
    {
        byte[] secret = new byte[master.Length];
        TrafficSecret.ExpandLabel(hash, master, "resumption"u8, nonce, secret);
        return secret;
    }

    /// <summary>A NewSessionTicket message without extensions: no early data.</summary>
    internal static byte[] NewSessionTicket(ReadOnlySpan<byte> ticket, TimeSpan lifetime, byte nonce)
    {
        byte[] message = new byte[4 + 4 + 4 + 2 + 2 + ticket.Length + 2];
        message[0] = NewSessionTicketType;
        message[2] = (byte)((message.Length - 4) >> 8);
        message[3] = (byte)(message.Length - 4);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), (uint)lifetime.TotalSeconds);
        RandomNumberGenerator.Fill(message.AsSpan(8, 4));
        message[12] = 1;
        message[13] = nonce;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(14), (ushort)ticket.Length);
        ticket.CopyTo(message.AsSpan(16));
        return message;
    }

    internal static HashAlgorithmName Hash(SecurityParameters security) => CipherSuiteInfo.For(security.CipherSuite).Hash;
}
