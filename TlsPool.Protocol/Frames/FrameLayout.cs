namespace TlsPool.Protocol.Frames;

/// <summary>Offsets and sizes of wire-format.md, in bytes from the start of the frame. Fields are packed on 2-byte boundaries.</summary>
internal static class FrameLayout
{
    internal const int RequestId = 0;
    internal const int CallbackId = 2;
    internal const int Command = 4;

    internal const int IdentitySize = 128;
    internal const int ServiceSize = 16;

    internal const int ErrorNumber = 8;
    internal const int ErrorText = 12;
    internal const int ErrorTextSize = 128;

    internal const int PingProducer = 8;
    internal const int PingProducerSize = 136;
    internal const int PingFacilities = 144;

    internal const int StartTlsFlags = 8;
    internal const int StartTlsLocal = 12;
    internal const int StartTlsIpProtocol = 16;
    internal const int StartTlsStreamId = 18;
    internal const int StartTlsLocalId = 20;
    internal const int StartTlsRemoteId = 148;
    internal const int StartTlsControlKey = 276;
    internal const int StartTlsService = 292;
    internal const int StartTlsTimeout = 308;

    internal const int PinEntryFlags = 8;
    internal const int PinEntryAttempt = 12;
    internal const int PinEntryTimeout = 16;
    internal const int PinEntryPin = 20;
    internal const int PinEntryPrompt = 148;
    internal const int PinEntryTextSize = 128;
    internal const int PinEntryManufacturer = 276;
    internal const int PinEntryManufacturerSize = 36;
    internal const int PinEntryModel = 312;
    internal const int PinEntryModelSize = 20;
    internal const int PinEntrySerial = 332;
    internal const int PinEntrySerialSize = 20;
    internal const int PinEntryLabel = 352;
    internal const int PinEntryLabelSize = 36;

    internal const int LidEntryFlags = 8;
    internal const int LidEntryMaxLevels = 12;
    internal const int LidEntryTimeout = 14;
    internal const int LidEntryLocalId = 18;
    internal const int LidEntryRemoteId = 146;

    internal const int ControlFlags = 8;
    internal const int ControlControlKey = 12;
    internal const int ControlName = 28;

    internal const int PrngIn1Length = 8;
    internal const int PrngIn2Length = 10;
    internal const int PrngLength = 12;
    internal const int PrngBuffer = 14;

    internal const int InfoControlKey = 8;
    internal const int InfoKind = 24;
    internal const int InfoLength = 28;
    internal const int InfoBuffer = 30;
}
