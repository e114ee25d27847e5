using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>What a command has stored holds for the next session: whoever waits for the command need not wait for the daemon.</summary>
[Parallelizable]
public sealed class StoreChangesTests
{
    private PoolProcess _pool = null!;

    [OneTimeSetUp]
    public async Task Start() => _pool = await PoolProcess.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _pool.DisposeAsync();

    [Test]
    public async Task Identities_and_trust_are_known_as_soon_as_their_command_has_ended()
    {
        await using TlsPoolClient client = _pool.Client();
        for (int i = 0; i < 3; i++)
        {
            string name = $"server{i}.example";
            Assert.That((await TryAsync(client, name)).Error, Is.Not.EqualTo(PoolError.None), "nobody has that name yet");
            await _pool.RunAsync("identity", "generate", name);
            Assert.That((await TryAsync(client, name)).Message, Does.Contain("trust"), "found, but not trusted");
            string file = Path.Combine(_pool.Directory, $"{name}.pem");
            await File.WriteAllTextAsync(file, await _pool.RunAsync("identity", "show", name, "--pem"));
            await _pool.RunAsync("trust", "add", file);
            Assert.That(await TryAsync(client, name), Is.EqualTo((PoolError.None, "")));
            await _pool.RunAsync("trust", "remove", "--all");
            Assert.That((await TryAsync(client, name)).Error, Is.EqualTo(PoolError.StirredNotShaken), "no longer trusted");
        }
    }

    private static async Task<(PoolError Error, string Message)> TryAsync(TlsPoolClient client, string name)
    {
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server(name, StartTlsFlags.IgnoreRemoteId));
        Task<TlsSession> asking = client.StartTlsAsync(b, StartTlsOptions.Client(name));
        (PoolError Error, string Message) outcome = (PoolError.None, "");
        foreach (Task<TlsSession> side in new[] { serving, asking })
        {
            try
            {
                (await side.WaitAsync(TimeSpan.FromSeconds(20))).Dispose();
            }
            catch (TlsPoolException refused)
            {
                outcome = (refused.Error, refused.Message);
            }
        }
        return outcome;
    }
}
