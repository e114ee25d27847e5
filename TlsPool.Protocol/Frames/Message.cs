namespace TlsPool.Protocol.Frames;

/// <summary>The body of a frame, field <c>pio_data</c>. Immutable; strings are free of NUL and of control over the buffer they came from.</summary>
public abstract record Message;
