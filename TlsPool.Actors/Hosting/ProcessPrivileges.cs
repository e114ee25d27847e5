using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Security.Cryptography;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>What a process that holds keys gives up.</summary>
public static unsafe class ProcessPrivileges
{
    /// <summary>
    /// Keeps memory out of core files, out of reach of debuggers of the same user, and lets nothing this process starts gain privileges.
    /// </summary>
    public static void Harden()
    {
        var none = default(Libc.ResourceLimit);
        _ = Libc.setrlimit(Libc.RLIMIT_CORE, &none);
        _ = Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0);
        _ = Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        _ = Libc.umask(0x3F);
    }

    /// <summary>
    /// Changes the root directory. What the runtime would load from the old one later is loaded first; PKCS #11 modules, the database and
    /// the passphrase file have to be inside the new one.
    /// </summary>
    /// <param name="directory">The new root; empty to stay.</param>
    /// <exception cref="DaemonException">It cannot be done.</exception>
    public static void ChangeRoot(string directory)
    {
        if (directory.Length == 0)
            return;
        string[] folders = [AppContext.BaseDirectory, RuntimeEnvironment.GetRuntimeDirectory()];
        foreach (string file in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.dll")))
            Preload(file);
        foreach (string file in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.so", SearchOption.AllDirectories)))
            _ = NativeLibrary.TryLoad(file, out _);
        // Random numbers, hashes and one key pull in the rest of the cryptographic library.
        using (ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
            _ = key.SignHash(RandomNumberGenerator.GetBytes(32));
        if (Libc.chroot(directory) != 0)
            throw new DaemonException($"daemon_chroot: cannot change to {directory}: {Libc.LastErrorText}; start as root, or leave it out");
        Environment.CurrentDirectory = "/";
    }

    private static void Preload(string file)
    {
        try
        {
            AssemblyLoadContext.Default.LoadFromAssemblyPath(file);
        }
        catch (BadImageFormatException)
        {
            // A native library with a managed one's ending.
        }
        catch (FileLoadException)
        {
            // Loaded already, from the other folder.
        }
    }

    /// <summary>Root becomes the owner of a directory, so that files made in it belong to him. Others stay who they are.</summary>
    /// <exception cref="DaemonException">It cannot be done.</exception>
    public static void BecomeOwnerOf(string directory)
    {
        if (Libc.geteuid() == 0 && FileIdentity.OwnerOf(directory) is { User: not 0 } owner)
            Become(owner.User.ToString(CultureInfo.InvariantCulture), owner.Group.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Changes to a user and group for good; all threads, as the C library does it.</summary>
    /// <param name="user">Name or number; empty to stay.</param>
    /// <param name="group">Name or number; empty for the user's own.</param>
    /// <exception cref="DaemonException">It cannot be done, or could be undone.</exception>
    public static void Become(string user, string group)
    {
        if (user.Length == 0 && group.Length == 0)
            return;
        (uint userNumber, uint groupNumber) = user.Length == 0 ? (Libc.geteuid(), 0) : Accounts.User(user);
        if (group.Length > 0)
            groupNumber = Accounts.Group(group);
        bool isNumber = user.Length == 0 || uint.TryParse(user, out _);
        bool changed = (isNumber ? Libc.setgroups(1, &groupNumber) : Libc.initgroups(user, groupNumber)) == 0
            && Libc.setgid(groupNumber) == 0
            && (user.Length == 0 || Libc.setuid(userNumber) == 0);
        if (!changed)
            throw new DaemonException($"daemon_user, daemon_group: cannot become {user}:{group}: {Libc.LastErrorText}; start as root, or leave them out");
        if (user.Length > 0 && userNumber != 0 && Libc.setuid(0) == 0)
            throw new DaemonException("daemon_user: the change could be undone, so it is worth nothing");
        // A change of user makes the process readable again.
        _ = Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
}
