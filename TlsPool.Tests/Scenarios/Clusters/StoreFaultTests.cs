using Microsoft.Data.Sqlite;
using NUnit.Framework;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>Nodes whose databases are locked, damaged, lost and restored.</summary>
[Parallelizable]
public sealed class StoreFaultTests
{
    [Test]
    public async Task Policy_comes_back_from_the_others_whatever_befalls_the_database_of_a_node()
    {
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(2);
        string database = Path.Combine(cluster[1].Directory, "db", "tlspool.db");
        await cluster[0].RunAsync("access", "add", "first.example", "--user", "1");
        await ExpectAsync(cluster, 1, "first.example");
        string backup = database + ".backup";

        // Somebody keeps it locked, for longer than is waited: what came meanwhile is asked for again.
        await using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            await connection.OpenAsync();
            await RunAsync(connection, $"VACUUM INTO '{backup}'");
            await RunAsync(connection, "BEGIN IMMEDIATE");
            await cluster[0].RunAsync("access", "add", "locked.example", "--user", "2");
            await cluster[1].WaitForLogAsync("policy is not shared for the time being");
            Assert.That(cluster[1].IsAlive());
            await RunAsync(connection, "ROLLBACK");
        }
        await ExpectAsync(cluster, 1, "locked.example");

        // Damaged: it is not used, and whoever starts the daemon hears what to do.
        await cluster[1].StopDaemonAsync("TERM");
        byte[] good = await File.ReadAllBytesAsync(database);
        byte[] bad = [.. good];
        Array.Fill(bad, (byte)0xA5, 4096, bad.Length - 4096);
        await File.WriteAllBytesAsync(database, bad);
        InvalidOperationException? refusal = await Assert.ThrowsAsync<InvalidOperationException>(cluster[1].StartDaemonAsync);
        Assert.That(refusal!.Message, Does.Contain("restore it from a backup"));

        // The backup is older, and lacks what the node made itself after it: it gets that back from the others.
        foreach (string file in new[] { database, database + "-wal", database + "-shm" })
            File.Delete(file);
        File.Copy(backup, database);
        await cluster[1].RunAsync("cluster", "restored");
        await cluster[1].StartDaemonAsync();
        await cluster.ExpectAsync(2);
        await ExpectAsync(cluster, 1, "locked.example");
        await cluster[1].RunAsync("access", "add", "restored.example", "--user", "3");
        await ExpectAsync(cluster, 0, "restored.example");

        // Lost altogether.
        await cluster[1].StopDaemonAsync("TERM");
        foreach (string file in new[] { database, database + "-wal", database + "-shm" })
            File.Delete(file);
        await cluster[1].StartDaemonAsync();
        await ExpectAsync(cluster, 1, "restored.example");
        await ExpectAsync(cluster, 1, "first.example");
    }

    private static async Task RunAsync(SqliteConnection connection, string text)
    {
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        await command.ExecuteNonQueryAsync();
    }

    private static Task ExpectAsync(ClusterOfProcesses cluster, int node, string rule) => ClusterOfProcesses.WaitAsync(
        async () => (await cluster[node].RunAsync("access", "list")).Contains(rule, StringComparison.Ordinal), $"{cluster.Hosts[node]} has {rule}");
}
