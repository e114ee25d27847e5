namespace TlsPool.Protocol.Frames;

/// <summary>Outcome of decoding one frame: the frame, or why it is refused, with what is needed to say so.</summary>
/// <param name="Frame">The frame, or null.</param>
/// <param name="RequestId">Field <c>pio_reqid</c>.</param>
/// <param name="CallbackId">Field <c>pio_cbid</c>.</param>
/// <param name="Error">If refused: the error number for the answer.</param>
/// <param name="Reason">If refused: what is wrong, without any content of the frame.</param>
public readonly record struct FrameDecoding(Frame? Frame, ushort RequestId, ushort CallbackId, PoolError Error, string Reason);
