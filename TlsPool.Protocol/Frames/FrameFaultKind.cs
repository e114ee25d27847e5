namespace TlsPool.Protocol.Frames;

/// <summary>What is wrong with a frame that does not decode.</summary>
public enum FrameFaultKind
{
    /// <summary>Field <c>pio_cmd</c> has no meaning in V2.</summary>
    UnknownCommand,

    /// <summary>A string field has no terminating NUL.</summary>
    UnterminatedString,

    /// <summary>A string field is not UTF-8, or has control characters in it.</summary>
    InvalidText,
}
