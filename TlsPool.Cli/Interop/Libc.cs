using System.Runtime.InteropServices;

namespace TlsPool.Cli.Interop;

/// <summary>Functions of the C library for terminals (termios(3), poll(2)), with Linux's numbers.</summary>
internal static unsafe partial class Libc
{
    internal const uint ECHO = 0x8;
    internal const uint ECHONL = 0x40;
    internal const uint ICANON = 0x2;
    internal const uint IEXTEN = 0x8000;
    internal const uint IXON = 0x400;
    internal const int TCSAFLUSH = 2;
    internal const int VQUIT = 1;
    internal const int VSUSP = 10;
    internal const int VTIME = 5;
    internal const int VMIN = 6;
    internal const nuint TIOCGWINSZ = 0x5413;
    internal const short POLLIN = 1;
    internal const int EINTR = 4;

    /// <summary><c>struct termios</c> of glibc and musl.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TerminalModes
    {
        internal uint Input;
        internal uint Output;
        internal uint Control;
        internal uint Local;
        internal byte Line;
        internal fixed byte Characters[32];
        internal uint InputSpeed;
        internal uint OutputSpeed;
    }

    /// <summary><c>struct winsize</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct WindowSize
    {
        internal ushort Rows;
        internal ushort Columns;
        internal ushort Width;
        internal ushort Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollEntry
    {
        internal int Descriptor;
        internal short Events;
        internal short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int tcgetattr(SafeHandle descriptor, TerminalModes* modes);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int tcsetattr(SafeHandle descriptor, int when, TerminalModes* modes);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int ioctl(SafeHandle descriptor, nuint request, WindowSize* size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial int poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint read(SafeHandle descriptor, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    internal static partial nint write(SafeHandle descriptor, byte* bytes, nuint size);
}
