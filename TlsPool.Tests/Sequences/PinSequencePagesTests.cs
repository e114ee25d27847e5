using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Sequences;

/// <summary>The pages in docs/sequences about PINs, with a SoftHSM token.</summary>
[Parallelizable]
public sealed class PinSequencePagesTests
{
    private const string Pin = "4711-sequence";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private LockedTokens _tokens = null!;
    private RecordedPage _page = null!;

    [SetUp]
    public async Task Start()
    {
        _tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });
        _page = new RecordedPage(_tokens.Pool);
    }

    [TearDown]
    public async Task Stop()
    {
        await _page.DisposeAsync();
        await _tokens.DisposeAsync();
    }

    [Test]
    public void A_person_enters_PINs()
    {
        using RawApplication person = new(_page.SocketFor("person")), rival = new(_page.SocketFor("rival"));
        person.Send(1, 0, Command.PinEntry, Answer(""));
        person.Send(1, person.Receive().CallbackId, Command.PinEntry, Answer("mistyped"));
        ushort second = person.Receive().CallbackId;
        rival.Send(1, 0, Command.PinEntry, Answer(""));
        Assert.That(rival.ReceiveError(1), Is.EqualTo(PoolError.PinEntryNotVacant));
        person.Send(1, second, Command.Error, new ErrorMessage(PoolError.ClientRefusesCallback, "good bye"));
        Assert.That(person.Receive().Command, Is.EqualTo(Command.Success));
        rival.Send(2, 0, Command.PinEntry, Answer(""));
        rival.Send(2, rival.Receive().CallbackId, Command.PinEntry, Answer(Pin));
        Assert.That(async () => await _tokens.Pool.WaitForLogAsync("is ready"), Throws.Nothing);
        _page.Check("pin-entry", "PINENTRY", """
            A program that a person sits at offers to enter PINs; the offer stays open until a token wants one. The answer with the PIN is the
            next offer at once, and a wrong PIN is asked for again with a higher attempt. From the first question until its time is over the
            program has the service for itself. An ERROR in place of an answer resigns, which the pool confirms.
            """);
    }

    [Test]
    public async Task A_person_refuses()
    {
        await using TlsPoolClient application = _page.Client("application"), other = _tokens.Pool.Client();
        using var person = new RawApplication(_page.SocketFor("person"));
        person.Send(1, 0, Command.PinEntry, Answer(""));
        person.Send(1, person.Receive().CallbackId, Command.PinEntry, Answer(""));
        await _tokens.Pool.WaitForLogAsync("refused to enter the PIN");
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> session = application.StartTlsAsync(near, StartTlsOptions.Server("one.example", StartTlsFlags.IgnoreRemoteId));
        Task<TlsSession> asking = other.StartTlsAsync(far, StartTlsOptions.Client("one.example"));
        person.Send(1, person.Receive().CallbackId, Command.PinEntry, Answer(""));
        await Assert.ThrowsAsync<TlsPoolException>(() => session.WaitAsync(Patience));
        await Assert.ThrowsAsync<TlsPoolException>(() => asking.WaitAsync(Patience));
        _page.Check("pin-entry-refused", "PINENTRY that is refused", """
            An empty PIN is a refusal. Sessions that wait for the token fail; the next one that needs it asks again, since the program goes on
            serving.
            """);
    }

    private static PinEntryMessage Answer(string pin) => new(0, 0, 60_000_000, Encoding.UTF8.GetBytes(pin), "", "", "", "", "");
}
