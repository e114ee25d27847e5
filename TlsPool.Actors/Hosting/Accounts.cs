using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>Numbers of users and groups, from the system's databases.</summary>
internal static unsafe class Accounts
{
    private const int BufferSize = 64 * 1024;

    /// <summary>The number of a user, given by name or number, and of his group.</summary>
    /// <exception cref="DaemonException">There is no such user.</exception>
    internal static (uint User, uint Group) User(string name)
    {
        if (uint.TryParse(name, out uint number))
            return (number, number);
        byte[] buffer = new byte[BufferSize];
        Libc.PasswordEntry entry;
        Libc.PasswordEntry* found;
        fixed (byte* bytes = buffer)
        {
            if (Libc.getpwnam_r(name, &entry, bytes, BufferSize, &found) != 0 || found is null)
                throw new DaemonException($"there is no user '{name}' on this machine");
        }
        return (entry.User, entry.Group);
    }

    /// <summary>The number of a group, given by name or number.</summary>
    /// <exception cref="DaemonException">There is no such group.</exception>
    internal static uint Group(string name)
    {
        if (uint.TryParse(name, out uint number))
            return number;
        byte[] buffer = new byte[BufferSize];
        Libc.GroupEntry entry;
        Libc.GroupEntry* found;
        fixed (byte* bytes = buffer)
        {
            if (Libc.getgrnam_r(name, &entry, bytes, BufferSize, &found) != 0 || found is null)
                throw new DaemonException($"there is no group '{name}' on this machine");
        }
        return entry.Group;
    }
}
