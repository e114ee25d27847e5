using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TlsPool.Cli.Interop;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Pins;

/// <summary>The terminal of this process, wherever its input and output go (tty(4)).</summary>
internal sealed unsafe partial class Terminal : IDisposable
{
    private const string Device = "/dev/tty";
    private const int LookMilliseconds = 50;
    private const int LongestLine = 512;

    private readonly SafeFileHandle _device;

    private Terminal(SafeFileHandle device) => _device = device;

    /// <summary>Opens the terminal; null if there is none.</summary>
    internal static Terminal? TryOpen()
    {
        try
        {
            SafeFileHandle device = File.OpenHandle(Device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return new Terminal(device);
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes a text; one that a terminal which is gone does not take is lost.</summary>
    internal void Write(string text)
    {
        ReadOnlySpan<byte> left = Encoding.UTF8.GetBytes(text);
        while (!left.IsEmpty)
        {
            nint written;
            fixed (byte* start = left)
                written = Libc.write(_device, start, (nuint)left.Length);
            if (written > 0)
                left = left[(int)written..];
            else if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                return;
        }
    }

    /// <summary>Reads a line that does not show. The terminal is as it was before when this returns, whatever happens.</summary>
    /// <param name="prompt">What to write before it.</param>
    /// <param name="cancellation">Gives up; what was typed is forgotten.</param>
    /// <returns>The line in an array of its own, pinned, for the caller to clear; null at the end of the input.</returns>
    /// <exception cref="IOException">The terminal is gone.</exception>
    internal byte[]? ReadSecret(string prompt, CancellationToken cancellation)
    {
        Libc.TerminalModes before;
        Check(Libc.tcgetattr(_device, &before));
        Libc.TerminalModes silent = before;
        silent.Local = (silent.Local & ~(Libc.ECHO | Libc.ECHONL)) | Libc.ICANON;
        // A shell would take over a terminal that is silent, or a core file the PIN.
        silent.Characters[Libc.VSUSP] = silent.Characters[Libc.VQUIT] = 0;
        byte[] line = GC.AllocateArray<byte>(LongestLine, pinned: true);
        try
        {
            Check(Libc.tcsetattr(_device, Libc.TCSAFLUSH, &silent));
            Write(prompt);
            int length = ReadLine(line, cancellation);
            return length < 0 ? null : PinnedBytes.CopyOf(line.AsSpan(0, length));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(line);
            if (Libc.tcsetattr(_device, Libc.TCSAFLUSH, &before) == 0)
                Write("\n");
        }
    }

    /// <summary>Reads a line. What was typed before the prompt is forgotten: it was meant for something else.</summary>
    /// <param name="prompt">What to write before it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The line, cut off where it is too long for anything; null at the end of the input.</returns>
    /// <exception cref="IOException">The terminal is gone.</exception>
    internal string? ReadLine(string prompt, CancellationToken cancellation)
    {
        Libc.TerminalModes modes;
        Check(Libc.tcgetattr(_device, &modes));
        Check(Libc.tcsetattr(_device, Libc.TCSAFLUSH, &modes));
        Write(prompt);
        byte[] line = new byte[LongestLine];
        int length = -1;
        try
        {
            length = ReadLine(line, cancellation);
        }
        finally
        {
            // Otherwise the line that was typed ends itself.
            if (length < 0)
                Write("\n");
        }
        return length < 0 ? null : Encoding.UTF8.GetString(line, 0, length);
    }

    /// <inheritdoc/>
    public void Dispose() => _device.Dispose();

    /// <summary>Length of the line without its end; what does not fit is left out, and makes it too long for a PIN. -1 at the end.</summary>
    private int ReadLine(byte[] line, CancellationToken cancellation)
    {
        for (int length = 0; ;)
        {
            cancellation.ThrowIfCancellationRequested();
            var entry = new Libc.PollEntry { Descriptor = (int)_device.DangerousGetHandle(), Events = Libc.POLLIN };
            if (Libc.poll(&entry, 1, LookMilliseconds) <= 0)
                continue;
            nint got;
            fixed (byte* room = &line[length])
                got = Libc.read(_device, room, (nuint)(line.Length - length));
            if (got < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR)
                continue;
            Check((int)got);
            if (got == 0)
                return -1;
            int end = line.AsSpan(length, (int)got).IndexOf((byte)'\n');
            if (end >= 0)
                return length + end;
            length = Math.Min(length + (int)got, line.Length - 1);
        }
    }

    private static void Check(int result)
    {
        if (result < 0)
            throw new IOException($"the terminal is gone: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }
}
