using System.Runtime.InteropServices;

namespace TlsPool.Protocol.Frames;

/// <summary>Numbers in the byte order of this host, which is what the C clients of the same host use (wire-format.md).</summary>
internal static class HostOrder
{
    internal static ushort ReadUInt16(ReadOnlySpan<byte> bytes, int offset) => MemoryMarshal.Read<ushort>(bytes[offset..]);

    internal static uint ReadUInt32(ReadOnlySpan<byte> bytes, int offset) => MemoryMarshal.Read<uint>(bytes[offset..]);

    internal static void WriteUInt16(Span<byte> bytes, int offset, ushort value) => MemoryMarshal.Write(bytes[offset..], in value);

    internal static void WriteUInt32(Span<byte> bytes, int offset, uint value) => MemoryMarshal.Write(bytes[offset..], in value);
}
