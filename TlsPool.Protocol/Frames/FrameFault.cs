namespace TlsPool.Protocol.Frames;

/// <summary>A whole frame that does not decode; it still says which request or callback it belongs to, so that it can be answered.</summary>
/// <param name="RequestId">Field <c>pio_reqid</c>.</param>
/// <param name="CallbackId">Field <c>pio_cbid</c>.</param>
/// <param name="CommandNumber">Field <c>pio_cmd</c>, any number.</param>
/// <param name="Kind">What is wrong.</param>
/// <param name="Field">C name of the field at fault; null for an unknown command.</param>
public sealed record FrameFault(ushort RequestId, ushort CallbackId, uint CommandNumber, FrameFaultKind Kind, string? Field)
{
    /// <summary>The number to answer with. The protocol has none for bad text: such a frame is a variety that is not implemented.</summary>
    public PoolError Error => Kind == FrameFaultKind.UnknownCommand ? PoolError.CommandUnknown : PoolError.CommandNotImplemented;

    /// <summary>What to tell the other side; free of any content of the frame except the command's number.</summary>
    public string Reason => Kind switch
    {
        FrameFaultKind.UnterminatedString => $"field {Field} is not terminated with a NUL",
        FrameFaultKind.InvalidText => $"field {Field} is not UTF-8 text free of control characters",
        _ => $"command 0x{CommandNumber:x8} is not one of protocol V2",
    };
}
