using System.Globalization;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Hosts of their own for daemons: network namespaces on one bridge. Needs root, and the kernel's bridge and veth.</summary>
internal sealed class Namespaces : IAsyncDisposable
{
    private readonly string _name = string.Create(CultureInfo.InvariantCulture, $"tp{Random.Shared.Next(0x10000):x4}");
    private readonly int _count;

    private Namespaces(int count, string network) => (_count, Network) = (count, network);

    /// <summary>The first three numbers of all addresses.</summary>
    internal string Network { get; }

    /// <summary>Makes them; ignores the test where that is not possible.</summary>
    internal static async Task<Namespaces> CreateAsync(int count)
    {
        var made = new Namespaces(count, string.Create(CultureInfo.InvariantCulture, $"10.{Random.Shared.Next(100, 250)}.{Random.Shared.Next(1, 250)}"));
        if (await made.TryAsync("link", "add", made._name, "type", "bridge") != 0)
            Assert.Ignore("network namespaces take root, and a kernel with bridges");
        await made.RunAsync("link", "set", made._name, "up");
        for (int i = 0; i < count; i++)
        {
            await made.RunAsync("netns", "add", made.Of(i));
            await made.RunAsync("link", "add", made.Link(i), "type", "veth", "peer", "name", "eth0", "netns", made.Of(i));
            await made.RunAsync("link", "set", made.Link(i), "master", made._name, "up");
            await made.InsideAsync(i, "addr", "add", $"{made.Network}.{i + 1}/24", "dev", "eth0");
            await made.InsideAsync(i, "link", "set", "eth0", "up");
            await made.InsideAsync(i, "link", "set", "lo", "up");
        }
        return made;
    }

    /// <summary>Name of a namespace.</summary>
    internal string Of(int host) => $"{_name}-{host}";

    /// <summary>Pulls a host's cable.</summary>
    internal Task CutAsync(int host) => RunAsync("link", "set", Link(host), "down");

    /// <summary>Puts it back.</summary>
    internal Task JoinAsync(int host) => RunAsync("link", "set", Link(host), "up");

    public async ValueTask DisposeAsync()
    {
        for (int i = 0; i < _count; i++)
            await TryAsync("netns", "del", Of(i));
        await TryAsync("link", "del", _name);
    }

    private string Link(int host) => $"{_name}v{host}";

    private Task InsideAsync(int host, params string[] arguments) => RunAsync(["-n", Of(host), .. arguments]);

    private async Task RunAsync(params string[] arguments) => Assert.That(await TryAsync(arguments), Is.Zero, $"ip {string.Join(' ', arguments)}");

    private static readonly string Ip = File.Exists("/usr/sbin/ip") ? "/usr/sbin/ip" : "ip";

    private async Task<int> TryAsync(params string[] arguments)
    {
        try
        {
            (int code, string output) = await ChildProcess.RunAsync(Ip, arguments);
            if (code != 0)
                await TestContext.Out.WriteLineAsync($"ip of {_name}: {output}");
            return code;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
