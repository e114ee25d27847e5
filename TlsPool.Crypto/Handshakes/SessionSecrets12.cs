using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Secrets of a TLS 1.2 session, with the Finished values that secure renegotiation will need (RFC 5746).</summary>
internal sealed class SessionSecrets12(
    HashAlgorithmName hash,
    bool extendedMasterSecret,
    byte[] master,
    byte[] clientRandom,
    byte[] serverRandom,
    byte[]? tlsUnique,
    byte[] clientVerifyData,
    byte[] serverVerifyData,
    ReadOnlyMemory<byte> serverCertificate) : SessionSecrets
{
    public override bool MayExport => extendedMasterSecret;

    // The cast matters: without it null would become an empty binding, by way of an array.
    public override ReadOnlyMemory<byte>? TlsUnique => extendedMasterSecret && tlsUnique is not null ? tlsUnique : (ReadOnlyMemory<byte>?)null;

    public override ReadOnlyMemory<byte>? TlsServerEndPoint => ServerEndPoint.Of(serverCertificate);

    /// <summary>verify_data of the client's Finished.</summary>
    internal ReadOnlyMemory<byte> ClientVerifyData => clientVerifyData;

    /// <summary>verify_data of the server's Finished.</summary>
    internal ReadOnlyMemory<byte> ServerVerifyData => serverVerifyData;

    public override void Export(ReadOnlySpan<byte> label, byte[]? context, Span<byte> destination)
    {
        if (!MayExport)
            throw new InvalidOperationException("the session has no extended master secret");
        byte[] seed = new byte[label.Length + clientRandom.Length + serverRandom.Length + (context is null ? 0 : 2 + context.Length)];
        label.CopyTo(seed);
        clientRandom.CopyTo(seed, label.Length);
        serverRandom.CopyTo(seed, label.Length + clientRandom.Length);
        if (context is not null)
        {
            Span<byte> tail = seed.AsSpan(label.Length + clientRandom.Length + serverRandom.Length);
            BinaryPrimitives.WriteUInt16BigEndian(tail, checked((ushort)context.Length));
            context.CopyTo(tail[2..]);
        }
        Expand(seed, destination);
    }

    public override void Dispose() => CryptographicOperations.ZeroMemory(master);

    /// <summary>P_hash (RFC 5246 section 5).</summary>
    private void Expand(byte[] seed, Span<byte> destination)
    {
        using IncrementalHash mac = IncrementalHash.CreateHMAC(hash, master);
        byte[] block = seed;
        while (!destination.IsEmpty)
        {
            mac.AppendData(block);
            block = mac.GetHashAndReset();
            mac.AppendData(block);
            mac.AppendData(seed);
            byte[] output = mac.GetHashAndReset();
            int count = Math.Min(output.Length, destination.Length);
            output.AsSpan(0, count).CopyTo(destination);
            CryptographicOperations.ZeroMemory(output);
            destination = destination[count..];
        }
    }
}
