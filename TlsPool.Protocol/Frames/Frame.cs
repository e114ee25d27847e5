namespace TlsPool.Protocol.Frames;

/// <summary>One whole message of the socket protocol (<c>struct tlspool_command</c>), decoded.</summary>
/// <param name="RequestId">Field <c>pio_reqid</c>.</param>
/// <param name="CallbackId">Field <c>pio_cbid</c>: 0 in requests and final responses.</param>
/// <param name="Command">Field <c>pio_cmd</c>; may be a number outside the enum.</param>
/// <param name="Body">The body that belongs to the command; <see cref="EmptyMessage"/> for commands without one or unknown.</param>
public sealed record Frame(ushort RequestId, ushort CallbackId, Command Command, Message Body)
{
    /// <summary>Size of every frame in bytes.</summary>
    public const int Size = 388;

    /// <summary>Offset of <c>pio_data</c> in bytes.</summary>
    public const int BodyOffset = 8;
}
