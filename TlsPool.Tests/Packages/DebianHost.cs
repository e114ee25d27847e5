using System.Diagnostics;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Packages;

/// <summary>A Debian of its own, in a directory, for a package that <c>./build.sh --target=PackTest</c> has made.</summary>
internal sealed class DebianHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(9);
    private static readonly Dictionary<string, string> Locale = new() { ["LC_ALL"] = "C.UTF-8" };

    private ChildProcess? _container;
    private int _manager;

    private DebianHost(string root) => Root = root;

    /// <summary>Its directory.</summary>
    internal string Root { get; }

    /// <summary>Makes one, with the package as <c>/opt/tlspool.deb</c>.</summary>
    internal static async Task<DebianHost> MakeAsync()
    {
        string? package = Environment.GetEnvironmentVariable("TLSPOOL_TEST_PACKAGE");
        if (package is null || Environment.UserName != "root")
            Assert.Ignore("./build.sh --target=PackTest runs these, as root");
        var host = new DebianHost(Directory.CreateTempSubdirectory("tlspool-debian-").FullName);
        // With the sources of this machine, as it may have a mirror of its own.
        await RunAsync("mmdebstrap", ["--quiet", "--mode=root", "--variant=apt", "--include=man-db,systemd,procps,util-linux", "bookworm", host.Root, .. Sources()]);
        File.Copy(package!, host.PathOf("opt/tlspool.deb"));
        return host;
    }

    /// <summary>A file of it, as this host sees it.</summary>
    internal string PathOf(string file) => Path.Combine(Root, file);

    /// <summary>Runs a script in it, as its root; processes that it leaves end with it.</summary>
    internal Task<string> RunAsync(string script) => RunAsync(
        "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec",
        $"mount -t proc proc '{Root}/proc'; mount --rbind /dev '{Root}/dev'; cp /etc/resolv.conf '{Root}/etc/resolv.conf'; exec chroot '{Root}' bash -c \"$0\"", script);

    /// <summary>Starts its systemd.</summary>
    internal async Task BootAsync()
    {
        _container = ChildProcess.Start(
            "systemd-nspawn", ["--quiet", $"--directory={Root}", "--boot", "--register=no", "--keep-unit", "--settings=no", "--console=passive"], Locale);
        await Installation.WaitAsync(
            () => (_manager = ChildOf(_container.Id)) != 0 && IsSystemd(_manager) && Directory.Exists(BootedPathOf("run/systemd/system")), "systemd started");
        string state = await RunBootedAsync("for i in $(seq 300); do systemctl is-system-running --wait 2>/dev/null && exit; sleep 0.1; done; systemctl --failed --no-pager");
        Assert.That(state, Does.EndWith("running\n"));
    }

    /// <summary>Runs a script beside its systemd.</summary>
    internal Task<string> RunBootedAsync(string script) => RunAsync("nsenter", "--target", $"{_manager}", "--all", "bash", "-ec", script);

    /// <summary>A file of it as its processes see it, those of its <c>/run</c> too.</summary>
    internal string BootedPathOf(string file) => $"/proc/{_manager}/root/{file}";

    /// <summary>Runs a program of this host; it has to succeed.</summary>
    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync(program, arguments, Locale, patience: Patience);
        Assert.That(code, Is.Zero, $"{program} {string.Join(' ', arguments)}: {output}");
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        if (_manager != 0)
            Process.GetProcessById(_manager).Kill();
        if (_container is not null)
        {
            await _container.ExitAsync();
            await _container.DisposeAsync();
        }
        Directory.Delete(Root, recursive: true);
    }

    private static int ChildOf(int process) =>
        File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var child, ..]
            ? int.Parse(child, System.Globalization.CultureInfo.InvariantCulture)
            : 0;

    /// <summary>Before it is that, it is a process of systemd-nspawn.</summary>
    private static bool IsSystemd(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm") == "systemd\n";
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static IEnumerable<string> Sources() =>
        new[] { "/etc/apt/sources.list" }.Concat(Directory.GetFiles("/etc/apt/sources.list.d", "debian.sources")).Where(file => File.Exists(file) && new FileInfo(file).Length > 0).Take(1);
}
