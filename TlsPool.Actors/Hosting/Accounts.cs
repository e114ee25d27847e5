using System.Globalization;
using System.Runtime.InteropServices;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>Numbers of users and groups, from the system's databases.</summary>
public static unsafe class Accounts
{
    private const int BufferSize = 64 * 1024;

    /// <summary>A user, given by name or number.</summary>
    /// <exception cref="DaemonException">There is no such user.</exception>
    public static Account User(string name)
    {
        byte[] buffer = new byte[BufferSize];
        Libc.PasswordEntry entry;
        Libc.PasswordEntry* found;
        bool isNumber = TryNumber(name, out uint number);
        fixed (byte* bytes = buffer)
        {
            int result = isNumber
                ? Libc.getpwuid_r(number, &entry, bytes, BufferSize, &found)
                : Libc.getpwnam_r(name, &entry, bytes, BufferSize, &found);
            if (result == 0 && found is not null)
                return new Account(entry.User, entry.Group, Marshal.PtrToStringUTF8((nint)entry.Name));
        }
        return isNumber ? new Account(number, Group: null, Name: null) : throw new DaemonException($"there is no user '{name}' on this machine");
    }

    /// <summary>The number of a group, given by name or number.</summary>
    /// <exception cref="DaemonException">There is no such group.</exception>
    public static uint Group(string name)
    {
        if (TryNumber(name, out uint number))
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

    /// <summary>All groups of a user, a certain one among them.</summary>
    public static uint[] GroupsOf(string name, uint group)
    {
        int count = 64;
        while (true)
        {
            uint[] groups = new uint[count];
            fixed (uint* first = groups)
            {
                if (Libc.getgrouplist(name, group, first, &count) >= 0)
                    return groups[..count];
            }
        }
    }

    // The highest number means "leave it" to the kernel.
    private static bool TryNumber(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number != uint.MaxValue;

    /// <summary>A user.</summary>
    /// <param name="User">Number.</param>
    /// <param name="Group">Number of the main group; null for a user that is only a number.</param>
    /// <param name="Name">Name; null for a user that is only a number.</param>
    public sealed record Account(uint User, uint? Group, string? Name);
}
