using Layout = TlsPool.Protocol.Frames.FrameLayout;

namespace TlsPool.Protocol.Frames;

/// <summary>Reads the fields of one body. The first string that is no good is remembered; reading goes on with an empty one.</summary>
internal ref struct FieldReader
{
    private readonly ReadOnlySpan<byte> _body;

    internal FieldReader(ReadOnlySpan<byte> body) => _body = body;

    /// <summary>C name of the first field at fault, or null.</summary>
    internal string? FaultyField { get; private set; }

    /// <summary>What is wrong with it.</summary>
    internal FrameFaultKind Fault { get; private set; }

    internal readonly byte Byte(int offset) => _body[offset];

    internal readonly ushort UInt16(int offset) => HostOrder.ReadUInt16(_body, offset);

    internal readonly uint UInt32(int offset) => HostOrder.ReadUInt32(_body, offset);

    internal readonly ControlKey ControlKey(int offset) => new(_body.Slice(offset, Layout.ControlKeySize));

    internal readonly byte[] Bytes(int offset, int size) => _body.Slice(offset, size).ToArray();

    internal ReadOnlySpan<byte> Terminated(int offset, int size, string field)
    {
        if (!FieldText.TryTerminate(_body.Slice(offset, size), out ReadOnlySpan<byte> text))
            Blame(field, FrameFaultKind.UnterminatedString);
        return text;
    }

    internal string Text(int offset, int size, string field) => Decode(Terminated(offset, size, field), field);

    internal string UnterminatedText(int offset, int size, string field) =>
        Decode(FieldText.TerminateOrFill(_body.Slice(offset, size)), field);

    internal string Description(int offset, int size, string field) => FieldText.DecodeDescription(Terminated(offset, size, field));

    private string Decode(ReadOnlySpan<byte> bytes, string field)
    {
        if (!FieldText.TryDecode(bytes, out string text))
            Blame(field, FrameFaultKind.InvalidText);
        return text;
    }

    private void Blame(string field, FrameFaultKind fault)
    {
        if (FaultyField is not null)
            return;
        FaultyField = field;
        Fault = fault;
    }
}
