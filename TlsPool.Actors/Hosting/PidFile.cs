using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// The PID file. What counts is the lock on it, which the kernel drops with the process and of which it knows the owner: neither a number
/// left by a crash nor one that somebody else wrote misleads anybody. Only who may write the file can lock it (fcntl(2); flock(2) is open to
/// all who can read).
/// </summary>
public sealed partial class PidFile : IDisposable
{
    private const uint Mode = 0x1A4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string _path;
    private readonly FileIdentity _made;
    private SafeFileHandle? _file;
    private bool _isOurs = true;

    private PidFile(string path, SafeFileHandle file, FileIdentity made) => (_path, _file, _made) = (path, file, made);

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
            if (TryTake(path, out int running) is { } taken)
                return taken;
            if (!replace)
                throw new DaemonException(string.Create(
                    CultureInfo.InvariantCulture, $"daemon_pidfile {path}: a pool runs already, as process {running}; 'tlspool -k' replaces it"));
            if (running > 1 && running != told)
            {
                told = running;
                // One that has ended in this moment leaves the file free.
                if (!ProcessSignals.Terminate(running) && Libc.LastError != Libc.ESRCH)
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
        if (_isOurs && FileIdentity.Of(_path) == _made)
            _ = Libc.unlink(_path);
        file.Dispose();
    }

    /// <summary>One try; the result is null if the file is taken, or was removed meanwhile.</summary>
    private static PidFile? TryTake(string path, out int running)
    {
        running = 0;
        SafeFileHandle file = Open(path);
        try
        {
            int number = (int)file.DangerousGetHandle();
            running = Lock(path, number);
            // The file may have been removed between opening and locking it.
            if (running != 0 || FileIdentity.Of(number) is not { } made || FileIdentity.Of(path) != made)
                return null;
            Write(path, file);
            _ = Libc.fchmod(number, Mode);
            var taken = new PidFile(path, file, made);
            file = new SafeFileHandle();
            return taken;
        }
        finally
        {
            file.Dispose();
        }
    }

    private static SafeFileHandle Open(string path)
    {
        // Not blocking, as it may be a pipe.
        int number = Libc.open(path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_CLOEXEC, (int)Mode);
        if (number < 0)
            throw new DaemonException($"daemon_pidfile {path}: " + Libc.LastError switch
            {
                Libc.ENOENT => "its directory does not exist",
                Libc.EACCES => "no permission to write it",
                Libc.ELOOP => "it is a symbolic link, which is not followed",
                _ => Libc.LastErrorText,
            });
        var file = new SafeFileHandle(number, ownsHandle: true);
        if (FileIdentity.IsRegular(number))
            return file;
        file.Dispose();
        throw new DaemonException($"daemon_pidfile {path}: something that is no file has this name");
    }

    /// <summary>Locks the file; the result is 0, or the process that has it.</summary>
    private static unsafe int Lock(string path, int number)
    {
        while (true)
        {
            var wanted = new Libc.FileLock { Type = Libc.F_WRLCK };
            if (Libc.fcntl_lock(number, Libc.F_SETLK, &wanted) == 0)
                return 0;
            if (Libc.LastError is not (Libc.EAGAIN or Libc.EACCES))
                throw new DaemonException($"daemon_pidfile {path}: cannot be locked: {Libc.LastErrorText}");
            var owner = new Libc.FileLock { Type = Libc.F_WRLCK };
            // It may have become free in between.
            if (Libc.fcntl_lock(number, Libc.F_GETLK, &owner) == 0 && owner.Type == Libc.F_WRLCK)
                return owner.Process == 0 ? -1 : owner.Process;
        }
    }

    private static void Write(string path, SafeFileHandle file)
    {
        try
        {
            byte[] earlier = new byte[16];
            ReadOnlySpan<byte> text = earlier.AsSpan(0, RandomAccess.Read(file, earlier, fileOffset: 0));
            if (text.TrimEnd((byte)'\n').ContainsAnyExceptInRange((byte)'0', (byte)'9'))
                throw new DaemonException($"daemon_pidfile {path}: holds something else than a process number, and is not overwritten");
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"), fileOffset: 0);
        }
        catch (IOException exception)
        {
            throw new DaemonException($"daemon_pidfile {path}: {exception.Message}");
        }
    }
}
