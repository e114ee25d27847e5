using TlsPool.Actors.Cluster.Wire;
using TlsPool.Crypto.Handshakes.Signing;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Cluster.Signing;

/// <summary>What nodes say to each other about signatures.</summary>
internal static class SigningProtocol
{
    /// <summary>Asks for the signature of a handshake. Answered by <see cref="Done"/> or <see cref="Refused"/>.</summary>
    /// <param name="Number">The asker's own, which the answer repeats.</param>
    /// <param name="Request">What to sign: the whole content, so that the signer sees that it is a handshake.</param>
    /// <param name="Waits">True if a token that is not ready may be waited for.</param>
    /// <param name="Patience">How long the answer is waited for; null if the asker's version does not say.</param>
    internal sealed record Ask(long Number, SignatureRequest Request, bool Waits, TimeSpan? Patience) : IClusterMessage;

    /// <summary>The signature.</summary>
    internal sealed record Done(long Number, ReadOnlyMemory<byte> Signature) : IClusterMessage;

    /// <summary>There is none.</summary>
    /// <param name="Number">That of <see cref="Ask"/>.</param>
    /// <param name="Why">Whether to ask others, or later.</param>
    /// <param name="Reason">For a log; no secret.</param>
    internal sealed record Refused(long Number, Refusal Why, string Reason) : IClusterMessage;

    /// <summary>Why another node signs nothing. The numbers are those on the wire.</summary>
    internal enum Refusal
    {
        /// <summary>Its token failed.</summary>
        Failed = 0,

        /// <summary>It has no such token or key.</summary>
        NoKey = 1,

        /// <summary>Its token has to be waited for.</summary>
        NotReady = 2,

        /// <summary>Its policy does not let this node have it.</summary>
        Forbidden = 3,

        /// <summary>It has too much to do, or this node asks too often.</summary>
        Busy = 4,
    }

    /// <summary>How they cross.</summary>
    internal static IReadOnlyList<WireCodec> Codecs { get; } =
    [
        WireCodec.Of<Ask>(
            "sign",
            (writer, ask) =>
            {
                writer.Number(ask.Number);
                writer.Text(ask.Request.Key.Uri);
                writer.Number(ask.Request.Scheme);
                writer.Bytes(ask.Request.Content.Span);
                writer.Flag(ask.Waits);
                if (writer.Version >= WireVersion.WithDeadlines)
                    writer.Duration(ask.Patience ?? TimeSpan.Zero);
            },
            ReadAsk),
        WireCodec.Of<Done>(
            "signed",
            (writer, done) =>
            {
                writer.Number(done.Number);
                writer.Bytes(done.Signature.Span);
            },
            reader => new Done(reader.Number(), reader.Bytes(SignatureCheck.MaxSignature))),
        WireCodec.Of<Refused>(
            "not-signed",
            (writer, refused) =>
            {
                writer.Number(refused.Number);
                writer.Number((int)refused.Why);
                writer.Text(refused.Reason.Length > MaxReason ? refused.Reason[..MaxReason] : refused.Reason);
            },
            reader =>
            {
                long number = reader.Number();
                int why = reader.Int();
                return new Refused(number, Enum.IsDefined((Refusal)why) ? (Refusal)why : Refusal.Failed, reader.Text(MaxReason * 4));
            }),
    ];

    private const int MaxReason = 512;

    private static Ask ReadAsk(WireReader reader)
    {
        long number = reader.Number();
        var key = new KeyReference(reader.Text(Pkcs11Uri.MaxLength));
        int scheme = reader.Int();
        ReadOnlyMemory<byte> content = reader.Bytes(HandshakeContent.MaxSize);
        bool waits = reader.Flag();
        TimeSpan patience = reader.HasMore ? reader.Duration() : TimeSpan.Zero;
        return new Ask(number, new SignatureRequest(key, scheme, content), waits, patience > TimeSpan.Zero ? patience : null);
    }
}
