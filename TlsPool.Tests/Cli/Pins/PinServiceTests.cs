using NUnit.Framework;
using TlsPool.Cli.Pins;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Protocol.Client;

namespace TlsPool.Tests.Cli.Pins;

/// <summary>A program that serves PINs to a pool with troubles.</summary>
[Parallelizable]
public sealed class PinServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Offers_again_to_a_pool_whose_PIN_entry_failed()
    {
        await using var pool = new ScriptedPool();
        await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = pool.Path });
        using var ended = new CancellationTokenSource();
        Task<bool> serving = new PinService(client, new OnePin(), TimeSpan.FromSeconds(60), PinServiceLife.Daemons).RunAsync(ended.Token);
        (await pool.NextAsync(Command.PinEntry)).Fail(PoolError.ConnectionHandlerSetup);
        ScriptedPool.Received again = await pool.NextAsync(Command.PinEntry);
        again.Callback(11, Command.PinEntry, new PinEntryMessage(0, 0, 0, [], "PIN?", "maker", "model", "serial", "label"));
        Assert.That(((PinEntryMessage)(await pool.NextAsync(Command.PinEntry)).Frame.Body).Pin, Is.EqualTo("1234"u8.ToArray()));
        await ended.CancelAsync();
        Assert.That(await serving.WaitAsync(Patience), Is.True);
    }

    [Test]
    public async Task Ends_where_another_program_serves()
    {
        await using var pool = new ScriptedPool();
        await using var client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = pool.Path });
        Task<bool> serving = new PinService(client, new OnePin(), TimeSpan.Zero, PinServiceLife.Daemons).RunAsync(CancellationToken.None);
        (await pool.NextAsync(Command.PinEntry)).Fail(PoolError.PinEntryNotVacant);
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => serving.WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(PoolError.PinEntryNotVacant));
    }

    private sealed class OnePin : IPinSource
    {
        public ValueTask<byte[]> AskAsync(PinPrompt prompt, CancellationToken cancellation) => ValueTask.FromResult("1234"u8.ToArray());

        public void Say(string text) => TestContext.Progress.WriteLine(text);
    }
}
