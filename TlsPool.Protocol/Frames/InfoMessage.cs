namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_info</c>.</summary>
/// <param name="ControlKey">Field <c>ctlkey</c>.</param>
/// <param name="Kind">Field <c>info_kind</c>.</param>
/// <param name="Length">Field <c>len</c>: <see cref="Query"/> asks, anything else is the length of a value to check.</param>
/// <param name="Buffer">Field <c>buffer</c>, up to 334 bytes. Zeros follow a shorter one.</param>
public sealed record InfoMessage(ControlKey ControlKey, InfoKind Kind, ushort Length, ReadOnlyMemory<byte> Buffer) : Message
{
    /// <summary><c>TLSPOOL_INFOBUFLEN</c>.</summary>
    public const int BufferSize = 334;

    /// <summary>Value of <see cref="Length"/> that asks for the value.</summary>
    public const ushort Query = 0xffff;

    /// <summary>Equal fields and equal bytes.</summary>
    public bool Equals(InfoMessage? other) =>
        other is not null && ControlKey == other.ControlKey && Kind == other.Kind && Length == other.Length
        && Buffer.Span.SequenceEqual(other.Buffer.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ControlKey, Kind, Length);

    /// <inheritdoc/>
    public override string ToString() => $"InfoMessage {Kind} {Length}";
}
