using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>A node that has no room left: it serves with what it knows, loses nothing that it once said was stored, and catches up.</summary>
[Parallelizable]
public sealed class FullDiskTests
{
    [Test]
    public async Task A_node_without_room_serves_and_has_the_rest_when_there_is_room()
    {
        string? disk = null;
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(
            2, prepare: async (node, pool) => disk = node == 1 ? await SmallDiskAsync(Path.Combine(pool.Directory, "db")) : disk);
        try
        {
            await FillAndEmptyAsync(cluster, disk!);
        }
        finally
        {
            await ChildProcess.RunAsync("umount", ["--lazy", disk!]);
        }
    }

    private static async Task FillAndEmptyAsync(ClusterOfProcesses cluster, string disk)
    {
        PoolProcess full = cluster[1];
        string certificate = await full.IdentityAsync("here.example");
        await full.RunAsync("access", "add", "before.example", "--user", "1");

        string filler = Path.Combine(disk, "filler");
        await FillAsync(filler);
        // There may be room for some yet in what the database already takes.
        int stored = 0;
        (int code, string output) failure;
        while ((failure = await full.TryAsync("access", "add", $"stored-{stored}.example", "--user", "1")).code == 0)
            Assert.That(++stored, Is.LessThan(200), "the disk is not full");
        Assert.That(failure.output, Does.Contain("the disk is full"));
        for (int i = 0; i < 30; i++)
            await cluster[0].RunAsync("access", "add", $"rule-{i}.example", "--user", "2");
        await full.WaitForLogAsync("policy is not shared for the time being");
        Assert.That(await full.RunAsync("access", "list"), Does.Contain("before.example").And.Not.Contain($"stored-{stored}.example"));
        await ExpectServiceAsync(full, certificate);
        Assert.That((await cluster.ActiveAsync(0)).Count, Is.EqualTo(2), "it stays in the cluster");

        File.Delete(filler);
        await ClusterOfProcesses.WaitAsync(
            async () => (await full.RunAsync("access", "list")).Contains("rule-29.example", StringComparison.Ordinal), "it has what it missed");
        await full.RunAsync("access", "add", "after.example", "--user", "1");
        await ClusterOfProcesses.WaitAsync(
            async () => (await cluster[0].RunAsync("access", "list")).Contains("after.example", StringComparison.Ordinal), "the other has what came after");
        string all = await cluster[0].RunAsync("access", "list");
        foreach (string name in (string[])["before.example", .. Enumerable.Range(0, stored).Select(i => $"stored-{i}.example")])
            Assert.That(all, Does.Contain(name), "it was said to be stored");
    }

    private static async Task<string> SmallDiskAsync(string directory)
    {
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (int code, string output) = await ChildProcess.RunAsync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=0700", "tmpfs", directory]);
        if (code != 0)
            Assert.Ignore($"a disk of its own takes root, and a kernel that lets it mount: {output}");
        return directory;
    }

    /// <summary>Leaves not one block free.</summary>
    private static async Task FillAsync(string file)
    {
        (int code, string output) = await ChildProcess.RunAsync("dd", ["if=/dev/zero", $"of={file}", "bs=4096"]);
        Assert.That(code, Is.Not.Zero, output);
        Assert.That(output, Does.Contain("No space left"));
    }

    private static async Task ExpectServiceAsync(PoolProcess pool, string certificate)
    {
        using Backend backend = Backend.Echo();
        await using TunnelProcess tunnel = await pool.TunnelAsync("--server", "--connect", backend.Address, "--local-id", "here.example");
        await using ChildProcess client = ChildProcess.Start(
            "openssl", ["s_client", "-connect", tunnel.Address, "-servername", "here.example", "-CAfile", certificate]);
        await client.SayAsync("hello\n");
        await client.WaitForAsync("hello");
    }
}
