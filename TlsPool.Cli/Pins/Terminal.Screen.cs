using System.Runtime.InteropServices;
using TlsPool.Cli.Interop;

namespace TlsPool.Cli.Pins;

/// <summary>What programs need that use the whole screen.</summary>
internal sealed unsafe partial class Terminal
{
    /// <summary>Columns and rows; what is usual where the terminal does not know.</summary>
    internal (int Columns, int Rows) Size
    {
        get
        {
            Libc.WindowSize size;
            return Libc.ioctl(_device, Libc.TIOCGWINSZ, &size) == 0 && size is { Columns: > 0, Rows: > 0 }
                ? (size.Columns, size.Rows)
                : (80, 24);
        }
    }

    /// <summary>Has keys come one by one, and not show, until the result is disposed of. Control C is a signal as before.</summary>
    /// <exception cref="IOException">The terminal is gone.</exception>
    internal IDisposable TakeKeys()
    {
        Libc.TerminalModes before;
        Check(Libc.tcgetattr(_device, &before));
        Libc.TerminalModes keys = before;
        keys.Local &= ~(Libc.ECHO | Libc.ECHONL | Libc.ICANON | Libc.IEXTEN);
        keys.Input &= ~Libc.IXON;
        // The shell would get a terminal that it cannot use, or a core file what was typed.
        keys.Characters[Libc.VSUSP] = keys.Characters[Libc.VQUIT] = 0;
        keys.Characters[Libc.VMIN] = 1;
        keys.Characters[Libc.VTIME] = 0;
        Check(Libc.tcsetattr(_device, Libc.TCSAFLUSH, &keys));
        return new Restoration(this, before);
    }

    /// <summary>Reads what was typed.</summary>
    /// <param name="room">Room for it.</param>
    /// <param name="milliseconds">How long to wait for it.</param>
    /// <returns>Bytes that were read; 0 if nothing came; -1 at the end of the input.</returns>
    /// <exception cref="IOException">The terminal is gone.</exception>
    internal int Read(Span<byte> room, int milliseconds)
    {
        var entry = new Libc.PollEntry { Descriptor = (int)_device.DangerousGetHandle(), Events = Libc.POLLIN };
        if (Libc.poll(&entry, 1, milliseconds) <= 0)
            return 0;
        nint got;
        fixed (byte* start = room)
            got = Libc.read(_device, start, (nuint)room.Length);
        if (got < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
            return 0;
        Check((int)got);
        return got == 0 ? -1 : (int)got;
    }

    private sealed class Restoration(Terminal terminal, Libc.TerminalModes before) : IDisposable
    {
        public void Dispose()
        {
            Libc.TerminalModes modes = before;
            _ = Libc.tcsetattr(terminal._device, Libc.TCSAFLUSH, &modes);
        }
    }
}
