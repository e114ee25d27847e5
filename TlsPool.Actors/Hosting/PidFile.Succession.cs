using Microsoft.Win32.SafeHandles;
using TlsPool.Actors.Interop;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting;

/// <content>
/// A PID file that passes from one daemon to the next without being anybody else's in between: a lock for writing keeps out all others, one
/// for reading all but who has one too. So the one that leaves changes to reading, the one that comes takes a lock for reading and then,
/// when it is the only one, for writing. The successor needs no permission to the file or its directory: it gets the open file.
/// </content>
public sealed partial class PidFile
{
    /// <summary>Its name.</summary>
    internal string Path => _path;

    /// <summary>A successor's side: the file of the daemon before, which has it still.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="open">The open file, handed over.</param>
    /// <exception cref="DaemonException">It is no file, or another one than has this name.</exception>
    internal static PidFile Inherit(string path, SafeDescriptor open)
    {
        FileIdentity? made = FileIdentity.IsRegular(open.Number) ? FileIdentity.Of(open.Number) : null;
        if (made is null || made != FileIdentity.Of(path))
        {
            open.Dispose();
            throw new DaemonException($"daemon_pidfile {path}: is not the file any more that the running daemon has");
        }
        return new PidFile(path, new SafeFileHandle(open.Detach(), ownsHandle: true), made.Value) { _isOurs = false };
    }

    /// <summary>Sends the open file. No second descriptor is made here: closing that would end the lock.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    internal void SendTo(DescriptorChannel channel, char kind)
    {
        var borrowed = new SafeDescriptor((int)_file!.DangerousGetHandle());
        try
        {
            channel.Send(kind, _path, borrowed);
        }
        finally
        {
            _ = borrowed.Detach();
        }
    }

    /// <summary>Shares the lock with the other of the two daemons that change places; true if that is possible.</summary>
    internal bool Share() => TryLock(Libc.F_RDLCK);

    /// <summary>The only one again: takes the file with this process's number.</summary>
    /// <returns>False if somebody else has it.</returns>
    /// <exception cref="DaemonException">It cannot be written.</exception>
    internal bool Own()
    {
        if (_file is not { } file || !TryLock(Libc.F_WRLCK))
            return false;
        Write(_path, file);
        return _isOurs = true;
    }

    /// <summary>Leaves the file to the successor.</summary>
    internal void Leave()
    {
        _isOurs = false;
        Dispose();
    }

    private unsafe bool TryLock(short type)
    {
        var wanted = new Libc.FileLock { Type = type };
        return _file is { } file && Libc.fcntl_lock((int)file.DangerousGetHandle(), Libc.F_SETLK, &wanted) == 0;
    }
}
