namespace TlsPool.Protocol.Frames;

/// <summary>
/// Every size and offset of the wire format in one place (wire-format.md). Offsets inside the nested classes count from the
/// start of the structure, which is <see cref="Frame.BodyOffset"/> in the frame. Field names are those of the C declarations.
/// </summary>
internal static class FrameLayout
{
    /// <summary>Size of <c>pio_data</c>.</summary>
    internal const int BodySize = Frame.Size - Frame.BodyOffset;

    /// <summary>Size of every identity field and other 128-byte text, its NUL included.</summary>
    internal const int IdentitySize = 128;

    /// <summary><c>TLSPOOL_CTLKEYLEN</c>.</summary>
    internal const int ControlKeySize = Frames.ControlKey.Size;

    /// <summary><c>TLSPOOL_SERVICELEN</c>.</summary>
    internal const int ServiceSize = StartTlsMessage.ServiceSize;

    /// <summary><c>TLSPOOL_PRNGBUFLEN</c>.</summary>
    internal const int PrngBufferSize = PrngMessage.BufferSize;

    /// <summary><c>TLSPOOL_INFOBUFLEN</c>.</summary>
    internal const int InfoBufferSize = InfoMessage.BufferSize;

    internal static class Header
    {
        internal const int RequestId = 0;
        internal const int CallbackId = 2;
        internal const int Command = 4;
    }

    internal static class Error
    {
        internal const int Code = 0;
        internal const int Text = 4;
        internal const int Size = Text + IdentitySize;
    }

    internal static class Ping
    {
        internal const int Producer = 0;
        internal const int ProducerSize = 136;
        internal const int Facilities = Producer + ProducerSize;
        internal const int Size = Facilities + sizeof(uint);
    }

    internal static class StartTls
    {
        internal const int Flags = 0;
        internal const int Local = 4;
        internal const int IpProtocol = 8;
        internal const int StreamId = 10;
        internal const int LocalId = 12;
        internal const int RemoteId = LocalId + IdentitySize;
        internal const int ControlKey = RemoteId + IdentitySize;
        internal const int Service = ControlKey + ControlKeySize;
        internal const int Timeout = Service + ServiceSize;
        internal const int Size = Timeout + sizeof(uint);
    }

    internal static class PinEntry
    {
        internal const int Flags = 0;
        internal const int Attempt = 4;
        internal const int Timeout = 8;
        internal const int Pin = 12;
        internal const int PinSize = 128;
        internal const int Prompt = Pin + PinSize;
        internal const int TokenManufacturer = Prompt + IdentitySize;
        internal const int ManufacturerSize = 36;
        internal const int TokenModel = TokenManufacturer + ManufacturerSize;
        internal const int ModelSize = 20;
        internal const int TokenSerial = TokenModel + ModelSize;
        internal const int SerialSize = 20;
        internal const int TokenLabel = TokenSerial + SerialSize;
        internal const int LabelSize = 36;
        internal const int Size = TokenLabel + LabelSize;
    }

    internal static class LidEntry
    {
        internal const int Flags = 0;
        internal const int MaxLevels = 4;
        internal const int Timeout = 6;
        internal const int LocalId = 10;
        internal const int RemoteId = LocalId + IdentitySize;
        internal const int Size = RemoteId + IdentitySize;
    }

    internal static class Control
    {
        internal const int Flags = 0;
        internal const int ControlKey = 4;
        internal const int Name = ControlKey + ControlKeySize;
        internal const int Size = Name + IdentitySize;
    }

    internal static class Prng
    {
        internal const int In1Length = 0;
        internal const int In2Length = 2;
        internal const int PrngLength = 4;
        internal const int Buffer = 6;
        internal const int Size = Buffer + PrngBufferSize;
    }

    internal static class Info
    {
        internal const int ControlKey = 0;
        internal const int Kind = ControlKeySize;
        internal const int Length = Kind + sizeof(uint);
        internal const int Buffer = Length + sizeof(ushort);
        internal const int Size = Buffer + InfoBufferSize;
    }
}
