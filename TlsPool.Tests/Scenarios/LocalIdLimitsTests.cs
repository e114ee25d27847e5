using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>Limits that the configuration sets to those who choose local identities.</summary>
[Parallelizable]
public sealed class LocalIdLimitsTests
{
    [Test]
    public async Task Only_the_users_of_the_configuration_may_choose()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync("localid_program_users 12345,12346\n");
        (int code, string output) = await pool.TryAsync("localid", "--auto", "none");
        Assert.That((code, output.Trim()), Is.EqualTo((
            1, $"choosing local identities for {pool.SocketPath}\ntlspool: this program may not choose local identities now: uid 0 may not choose local identities: localid_program_users")));
        await pool.WaitForAuditAsync("may not choose local identities: localid_program_users", "--kind", "entry-program", "--decision", "refused");
        Assert.That(pool.Log, Does.Not.Contain("chooses local identities ("));

        string file = Path.Combine(pool.Directory, "tlspool.conf");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace("12346", "root", StringComparison.Ordinal));
        pool.Daemon.Signal("HUP");
        await pool.WaitForLogAsync("configuration read again");
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(pool, new LocalIdChoice(""));
        Assert.That(program.Serving.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_session_without_a_time_limit_waits_for_a_new_identity_as_long_as_the_pool_says()
    {
        await using PoolProcess pool = await PoolProcess.StartAsync("tls_handshake_timeout 1500\n");
        await using TlsPoolClient client = pool.Client();
        await using LocalIdProgram program = await LocalIdProgram.StartAsync(pool, new LocalIdChoice("never@a.example", LidEntryFlags.New));
        TlsPoolException? late = await Assert.ThrowsAsync<TlsPoolException>(
            () => LocalIdSessions.SeenAsync(client, StartTlsOptions.Client("www.server.example") with { Timeout = Timeout.InfiniteTimeSpan }));
        Assert.That(late!.Message, Does.Contain("time limit"));
    }
}
