using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// The PID file. What counts is the lock on it, which the kernel drops with the process: a number left by a crash misleads nobody.
/// </summary>
public sealed class PidFile : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private readonly FileIdentity? _made;
    private FileStream? _file;

    private PidFile(string path, FileStream file) => (_path, _file, _made) = (path, file, FileIdentity.Of(path));

    /// <summary>Takes the file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="replace">True to end the daemon that has it: it gives up sockets and file at once, and goes on with its sessions.</param>
    /// <exception cref="DaemonException">Another daemon runs, or the file cannot be written.</exception>
    public static PidFile Take(string path, bool replace)
    {
        long start = Stopwatch.GetTimestamp();
        int told = 0;
        while (true)
        {
            if (TryLock(path) is { } file)
            {
                // The file may have been removed between opening and locking it.
                var taken = new PidFile(path, file);
                if (taken._made is not null && taken.IsCurrent())
                {
                    taken.Write();
                    return taken;
                }
                file.Dispose();
                continue;
            }
            int running = ReadPid(path);
            if (!replace)
                throw new DaemonException(string.Create(
                    CultureInfo.InvariantCulture, $"daemon_pidfile {path}: a pool runs already, as process {running}; 'tlspool -k' replaces it"));
            if (running > 0 && running != told)
            {
                told = running;
                if (!ProcessSignals.Terminate(running))
                    throw new DaemonException(string.Create(
                        CultureInfo.InvariantCulture, $"process {running} cannot be told to end: {Libc.LastErrorText}"));
            }
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new DaemonException(string.Create(
                    CultureInfo.InvariantCulture, $"process {running} was told to end but still has {path}: see its log, or kill it"));
            Thread.Sleep(Pause);
        }
    }

    /// <summary>Gives the file up and removes it, so that a successor can start. Any thread.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _file, null) is not { } file)
            return;
        if (IsCurrent())
            _ = Libc.unlink(_path);
        file.Dispose();
    }

    private bool IsCurrent() => _made is not null && FileIdentity.Of(_path) == _made;

    private void Write()
    {
        _file!.SetLength(0);
        _file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"));
        _file.Flush();
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                // Anything but ReadWrite takes an exclusive flock(2).
                Share = FileShare.None,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
                BufferSize = 0,
            });
        }
        catch (DirectoryNotFoundException)
        {
            throw new DaemonException($"daemon_pidfile {path}: its directory does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            throw new DaemonException($"daemon_pidfile {path}: no permission to write it");
        }
        catch (IOException exception) when (exception is not FileNotFoundException)
        {
            return null;
        }
    }

    private static int ReadPid(string path)
    {
        // File streams of .NET take a shared lock to read, which the daemon's own lock forbids.
        using var file = new SafeFileHandle(Libc.open(path, Libc.O_CLOEXEC, 0), ownsHandle: true);
        if (file.IsInvalid)
            return 0;
        Span<byte> text = stackalloc byte[16];
        int length = RandomAccess.Read(file, text, fileOffset: 0);
        return int.TryParse(text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : 0;
    }
}
