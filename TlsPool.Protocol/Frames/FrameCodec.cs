using TlsPool.Protocol.IO;
using static TlsPool.Protocol.Frames.HostOrder;
using Layout = TlsPool.Protocol.Frames.FrameLayout;

namespace TlsPool.Protocol.Frames;

/// <summary>
/// Turns frames into the 388 bytes of <c>struct tlspool_command</c> and back (wire-format.md). Numbers are in the host's byte
/// order, as the C clients of the same machine write them.
/// </summary>
public static class FrameCodec
{
    /// <summary>Encodes a frame. All 388 bytes are overwritten: nothing of what the buffer held before remains.</summary>
    /// <param name="frame">A frame whose body is that of its command, or <see cref="EmptyMessage"/>.</param>
    /// <param name="destination">At least <see cref="Frame.Size"/> bytes.</param>
    /// <exception cref="ArgumentException">
    /// The destination is too short, the command is unknown, the body belongs to another command, or an identity, service, name,
    /// PIN or buffer does not fit its field. Descriptive text (error message, prompt, token names) is cut instead.
    /// </exception>
    public static void Encode(Frame frame, Span<byte> destination)
    {
        if (destination.Length < Frame.Size)
            throw new ArgumentException($"a frame takes {Frame.Size} bytes, not {destination.Length}", nameof(destination));
        Span<byte> bytes = destination[..Frame.Size];
        bytes.Clear();
        WriteUInt16(bytes, Layout.Header.RequestId, frame.RequestId);
        WriteUInt16(bytes, Layout.Header.CallbackId, frame.CallbackId);
        WriteUInt32(bytes, Layout.Header.Command, (uint)frame.Command);
        Span<byte> body = bytes[Frame.BodyOffset..];
        switch (frame.Command, frame.Body)
        {
            case (var command, EmptyMessage) when command != Command.Local && Enum.IsDefined(command):
                break;
            case (Command.Error, ErrorMessage error):
                WriteError(body, error);
                break;
            case (Command.Ping, PingMessage ping):
                WritePing(body, ping);
                break;
            case (Command.StartTls or Command.StartTlsLocalId or Command.PlaintextConnect, StartTlsMessage startTls):
                WriteStartTls(body, startTls);
                break;
            case (Command.PinEntry, PinEntryMessage pinEntry):
                WritePinEntry(body, pinEntry);
                break;
            case (Command.LidEntryRegister or Command.LidEntryCallback, LidEntryMessage lidEntry):
                WriteLidEntry(body, lidEntry);
                break;
            case (Command.ControlDetach or Command.ControlReattach, ControlMessage control):
                WriteControl(body, control);
                break;
            case (Command.Prng, PrngMessage prng):
                WritePrng(body, prng);
                break;
            case (Command.Info, InfoMessage info):
                WriteInfo(body, info);
                break;
            default:
                throw new ArgumentException($"command {frame.Command} has no body {frame.Body.GetType().Name}", nameof(frame));
        }
    }

    /// <summary>Decodes a frame. Never reads past a field, and what it returns holds no reference to the bytes.</summary>
    /// <param name="frame">Exactly <see cref="Frame.Size"/> bytes, of any content.</param>
    /// <exception cref="ArgumentException">Any other length.</exception>
    public static FrameDecoding Decode(ReadOnlySpan<byte> frame)
    {
        if (frame.Length != Frame.Size)
            throw new ArgumentException($"a frame has {Frame.Size} bytes, not {frame.Length}", nameof(frame));
        var command = (Command)ReadUInt32(frame, Layout.Header.Command);
        var reader = new FieldReader(frame[Frame.BodyOffset..]);
        Message? body = command switch
        {
            Command.Success => EmptyMessage.Instance,
            Command.Error => ReadError(ref reader),
            Command.Ping => ReadPing(ref reader),
            Command.StartTls or Command.StartTlsLocalId or Command.PlaintextConnect => ReadStartTls(ref reader),
            Command.PinEntry => ReadPinEntry(ref reader),
            Command.LidEntryRegister or Command.LidEntryCallback => ReadLidEntry(ref reader),
            Command.ControlDetach or Command.ControlReattach => ReadControl(ref reader),
            Command.Prng => ReadPrng(ref reader),
            Command.Info => ReadInfo(ref reader),
            _ => null,
        };
        ushort requestId = ReadUInt16(frame, Layout.Header.RequestId);
        ushort callbackId = ReadUInt16(frame, Layout.Header.CallbackId);
        if (body is null)
            return new FrameDecoding(new FrameFault(requestId, callbackId, (uint)command, FrameFaultKind.UnknownCommand, null));
        if (reader.FaultyField is { } field)
        {
            (body as PinEntryMessage)?.ClearPin();
            return new FrameDecoding(new FrameFault(requestId, callbackId, (uint)command, reader.Fault, field));
        }
        return new FrameDecoding(new Frame(requestId, callbackId, command, body));
    }

    private static void WriteError(Span<byte> body, ErrorMessage message)
    {
        WriteUInt32(body, Layout.Error.Code, (uint)message.Code);
        FieldText.WriteDescription(body.Slice(Layout.Error.Text, Layout.IdentitySize), message.Text);
    }

    private static ErrorMessage ReadError(ref FieldReader reader) => new(
        (PoolError)reader.UInt32(Layout.Error.Code),
        reader.Description(Layout.Error.Text, Layout.IdentitySize, "message"));

    private static void WritePing(Span<byte> body, PingMessage message)
    {
        FieldText.Write(body.Slice(Layout.Ping.Producer, Layout.Ping.ProducerSize), message.Producer, "YYYYMMDD_producer");
        WriteUInt32(body, Layout.Ping.Facilities, (uint)message.Facilities);
    }

    private static PingMessage ReadPing(ref FieldReader reader) => new(
        reader.Text(Layout.Ping.Producer, Layout.Ping.ProducerSize, "YYYYMMDD_producer"),
        (Facilities)reader.UInt32(Layout.Ping.Facilities));

    private static void WriteStartTls(Span<byte> body, StartTlsMessage message)
    {
        WriteUInt32(body, Layout.StartTls.Flags, (uint)message.Flags);
        WriteUInt32(body, Layout.StartTls.Local, message.Local);
        body[Layout.StartTls.IpProtocol] = message.IpProtocol;
        WriteUInt16(body, Layout.StartTls.StreamId, message.StreamId);
        FieldText.Write(body.Slice(Layout.StartTls.LocalId, Layout.IdentitySize), message.LocalId, "localid");
        FieldText.Write(body.Slice(Layout.StartTls.RemoteId, Layout.IdentitySize), message.RemoteId, "remoteid");
        message.ControlKey.CopyTo(body.Slice(Layout.StartTls.ControlKey, Layout.ControlKeySize));
        FieldText.WriteUnterminated(body.Slice(Layout.StartTls.Service, Layout.ServiceSize), message.Service, "service");
        WriteUInt32(body, Layout.StartTls.Timeout, message.Timeout);
    }

    private static StartTlsMessage ReadStartTls(ref FieldReader reader) => new(
        (StartTlsFlags)reader.UInt32(Layout.StartTls.Flags),
        reader.UInt32(Layout.StartTls.Local),
        reader.Byte(Layout.StartTls.IpProtocol),
        reader.UInt16(Layout.StartTls.StreamId),
        reader.Text(Layout.StartTls.LocalId, Layout.IdentitySize, "localid"),
        reader.Text(Layout.StartTls.RemoteId, Layout.IdentitySize, "remoteid"),
        reader.ControlKey(Layout.StartTls.ControlKey),
        reader.UnterminatedText(Layout.StartTls.Service, Layout.ServiceSize, "service"),
        reader.UInt32(Layout.StartTls.Timeout));

    private static void WritePinEntry(Span<byte> body, PinEntryMessage message)
    {
        WriteUInt32(body, Layout.PinEntry.Flags, message.Flags);
        WriteUInt32(body, Layout.PinEntry.Attempt, message.Attempt);
        WriteUInt32(body, Layout.PinEntry.Timeout, message.TimeoutMicroseconds);
        if (message.Pin.Length >= Layout.PinEntry.PinSize || message.Pin.AsSpan().Contains((byte)0))
            throw new ArgumentException($"a PIN has at most {Layout.PinEntry.PinSize - 1} bytes, and no NUL", nameof(message));
        message.Pin.CopyTo(body[Layout.PinEntry.Pin..]);
        FieldText.WriteDescription(body.Slice(Layout.PinEntry.Prompt, Layout.IdentitySize), message.Prompt);
        FieldText.WriteDescription(
            body.Slice(Layout.PinEntry.TokenManufacturer, Layout.PinEntry.ManufacturerSize), message.TokenManufacturer);
        FieldText.WriteDescription(body.Slice(Layout.PinEntry.TokenModel, Layout.PinEntry.ModelSize), message.TokenModel);
        FieldText.WriteDescription(body.Slice(Layout.PinEntry.TokenSerial, Layout.PinEntry.SerialSize), message.TokenSerial);
        FieldText.WriteDescription(body.Slice(Layout.PinEntry.TokenLabel, Layout.PinEntry.LabelSize), message.TokenLabel);
    }

    private static PinEntryMessage ReadPinEntry(ref FieldReader reader) => new(
        reader.UInt32(Layout.PinEntry.Flags),
        reader.UInt32(Layout.PinEntry.Attempt),
        reader.UInt32(Layout.PinEntry.Timeout),
        PinnedBytes.CopyOf(reader.Terminated(Layout.PinEntry.Pin, Layout.PinEntry.PinSize, "pin")),
        reader.Text(Layout.PinEntry.Prompt, Layout.IdentitySize, "prompt"),
        reader.Text(Layout.PinEntry.TokenManufacturer, Layout.PinEntry.ManufacturerSize, "token_manuf"),
        reader.Text(Layout.PinEntry.TokenModel, Layout.PinEntry.ModelSize, "token_model"),
        reader.Text(Layout.PinEntry.TokenSerial, Layout.PinEntry.SerialSize, "token_serial"),
        reader.Text(Layout.PinEntry.TokenLabel, Layout.PinEntry.LabelSize, "token_label"));

    private static void WriteLidEntry(Span<byte> body, LidEntryMessage message)
    {
        WriteUInt32(body, Layout.LidEntry.Flags, (uint)message.Flags);
        WriteUInt16(body, Layout.LidEntry.MaxLevels, message.MaxLevels);
        WriteUInt32(body, Layout.LidEntry.Timeout, message.Timeout);
        FieldText.Write(body.Slice(Layout.LidEntry.LocalId, Layout.IdentitySize), message.LocalId, "localid");
        FieldText.Write(body.Slice(Layout.LidEntry.RemoteId, Layout.IdentitySize), message.RemoteId, "remoteid");
    }

    private static LidEntryMessage ReadLidEntry(ref FieldReader reader) => new(
        (LidEntryFlags)reader.UInt32(Layout.LidEntry.Flags),
        reader.UInt16(Layout.LidEntry.MaxLevels),
        reader.UInt32(Layout.LidEntry.Timeout),
        reader.Text(Layout.LidEntry.LocalId, Layout.IdentitySize, "localid"),
        reader.Text(Layout.LidEntry.RemoteId, Layout.IdentitySize, "remoteid"));

    private static void WriteControl(Span<byte> body, ControlMessage message)
    {
        WriteUInt32(body, Layout.Control.Flags, message.Flags);
        message.ControlKey.CopyTo(body.Slice(Layout.Control.ControlKey, Layout.ControlKeySize));
        FieldText.Write(body.Slice(Layout.Control.Name, Layout.IdentitySize), message.Name, "name");
    }

    private static ControlMessage ReadControl(ref FieldReader reader) => new(
        reader.UInt32(Layout.Control.Flags),
        reader.ControlKey(Layout.Control.ControlKey),
        reader.Text(Layout.Control.Name, Layout.IdentitySize, "name"));

    private static void WritePrng(Span<byte> body, PrngMessage message)
    {
        WriteUInt16(body, Layout.Prng.In1Length, (ushort)message.In1Length);
        WriteUInt16(body, Layout.Prng.In2Length, (ushort)message.In2Length);
        WriteUInt16(body, Layout.Prng.PrngLength, (ushort)message.PrngLength);
        WriteBytes(body.Slice(Layout.Prng.Buffer, Layout.PrngBufferSize), message.Buffer.Span);
    }

    private static PrngMessage ReadPrng(ref FieldReader reader) => new(
        (short)reader.UInt16(Layout.Prng.In1Length),
        (short)reader.UInt16(Layout.Prng.In2Length),
        (short)reader.UInt16(Layout.Prng.PrngLength),
        reader.Bytes(Layout.Prng.Buffer, Layout.PrngBufferSize));

    private static void WriteInfo(Span<byte> body, InfoMessage message)
    {
        message.ControlKey.CopyTo(body.Slice(Layout.Info.ControlKey, Layout.ControlKeySize));
        WriteUInt32(body, Layout.Info.Kind, (uint)message.Kind);
        WriteUInt16(body, Layout.Info.Length, message.Length);
        WriteBytes(body.Slice(Layout.Info.Buffer, Layout.InfoBufferSize), message.Buffer.Span);
    }

    private static InfoMessage ReadInfo(ref FieldReader reader) => new(
        reader.ControlKey(Layout.Info.ControlKey),
        (InfoKind)reader.UInt32(Layout.Info.Kind),
        reader.UInt16(Layout.Info.Length),
        reader.Bytes(Layout.Info.Buffer, Layout.InfoBufferSize));

    private static void WriteBytes(Span<byte> field, ReadOnlySpan<byte> value)
    {
        if (value.Length > field.Length)
            throw new ArgumentException($"the buffer field holds {field.Length} bytes, not {value.Length}", nameof(value));
        value.CopyTo(field);
    }
}
