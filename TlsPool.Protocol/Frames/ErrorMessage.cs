namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_error</c>.</summary>
/// <param name="Code">Field <c>tlserrno</c>.</param>
/// <param name="Text">Field <c>message</c>, at most 127 bytes of UTF-8; a longer text is cut at a character when encoded.</param>
public sealed record ErrorMessage(PoolError Code, string Text) : Message;
