namespace TlsPool.Protocol.Frames;

/// <summary><c>struct pioc_control</c>.</summary>
/// <param name="Flags">Field <c>flags</c>.</param>
/// <param name="ControlKey">Field <c>ctlkey</c>.</param>
/// <param name="Name">Field <c>name</c>, at most 127 bytes.</param>
public sealed record ControlMessage(uint Flags, ControlKey ControlKey, string Name) : Message;
