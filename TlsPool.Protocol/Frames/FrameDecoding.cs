using System.Diagnostics.CodeAnalysis;

namespace TlsPool.Protocol.Frames;

/// <summary>What 388 bytes turned out to be: a <see cref="Frames.Frame"/> or a <see cref="FrameFault"/>.</summary>
public readonly struct FrameDecoding
{
    internal FrameDecoding(Frame frame) => Frame = frame;

    internal FrameDecoding(FrameFault fault) => Fault = fault;

    /// <summary>True if there is a frame.</summary>
    [MemberNotNullWhen(true, nameof(Frame))]
    [MemberNotNullWhen(false, nameof(Fault))]
    public bool IsValid => Frame is not null;

    /// <summary>The frame, if the bytes are one.</summary>
    public Frame? Frame { get; }

    /// <summary>What is wrong otherwise.</summary>
    public FrameFault? Fault { get; }

    /// <summary>Field <c>pio_reqid</c>, of a frame or a fault.</summary>
    public ushort RequestId => Frame?.RequestId ?? Fault?.RequestId ?? 0;

    /// <summary>Field <c>pio_cbid</c>, of a frame or a fault.</summary>
    public ushort CallbackId => Frame?.CallbackId ?? Fault?.CallbackId ?? 0;

    /// <summary>The error number to answer a fault with; <see cref="PoolError.None"/> for a frame.</summary>
    public PoolError Error => Fault?.Error ?? PoolError.None;

    /// <summary>The text to answer a fault with, without any content of the frame; empty for a frame.</summary>
    public string Reason => Fault?.Reason ?? "";
}
