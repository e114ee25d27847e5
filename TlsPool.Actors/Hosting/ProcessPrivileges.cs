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
        // All that the program may load later, from its own folder and from those of the frameworks that it uses.
        string[] assemblies = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] folders = [.. assemblies.Select(file => Path.GetDirectoryName(file)!).Append(AppContext.BaseDirectory.TrimEnd('/')).Distinct()];
        foreach (string file in assemblies)
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
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException)
        {
            // A native library with a managed one's ending, one that is loaded already, or the core library, which cannot be had twice.
        }
    }

    /// <summary>Root makes a directory for the user that the daemon becomes, which could not make it himself. Its parent has to be there.</summary>
    /// <param name="directory">The directory; nothing happens if it is there.</param>
    /// <param name="owner">Whose it is to be; nothing happens without a user.</param>
    /// <exception cref="DaemonException">It cannot be done.</exception>
    public static void MakeDirectoryFor(string directory, ProcessIdentity owner)
    {
        if (Libc.geteuid() != 0 || owner is not { User: { } user, Group: { } group } || Directory.Exists(directory) || !Directory.Exists(Path.GetDirectoryName(directory)))
            return;
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Libc.lchown(directory, user, group) != 0)
            throw new DaemonException($"dbenv_dir {directory}: cannot be given to {owner.Text}: {Libc.LastErrorText}");
    }

    /// <summary>Root becomes the owner of a directory, so that files made in it belong to him. Others stay who they are.</summary>
    /// <exception cref="DaemonException">It cannot be done.</exception>
    public static void BecomeOwnerOf(string directory)
    {
        if (Libc.geteuid() == 0 && FileIdentity.OwnerOf(directory) is { User: not 0 } owner)
            Become(ProcessIdentity.Of(owner.User, owner.Group));
    }

    /// <summary>Changes to a user and group for good; all threads, as the C library does it.</summary>
    /// <exception cref="DaemonException">It cannot be done, or could be undone.</exception>
    public static void Become(ProcessIdentity identity)
    {
        if (identity.Group is not { } group)
            return;
        uint user = identity.User ?? Libc.geteuid();
        bool isAlready = user != 0 && (Libc.geteuid(), Libc.getegid()) == (user, group);
        if (!isAlready && !Change(identity, group))
            throw new DaemonException($"daemon_user, daemon_group: cannot become {identity.Text}: {Libc.LastErrorText}; start as root, or leave them out");
        if (user != 0 && Libc.setuid(0) == 0)
            throw new DaemonException("daemon_user: the change could be undone, so it is worth nothing");
        // A change of user makes the process readable again.
        _ = Libc.prctl(Libc.PR_SET_DUMPABLE, 0, 0, 0, 0);
    }

    private static bool Change(ProcessIdentity identity, uint group)
    {
        uint[] groups = [.. identity.Groups];
        fixed (uint* first = groups)
        {
            return Libc.setgroups((nuint)groups.Length, first) == 0
                && Libc.setgid(group) == 0
                && (identity.User is not { } user || Libc.setuid(user) == 0);
        }
    }
}
