using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Protocol.Client;

[TestFixture]
[Parallelizable]
public sealed class EntryServiceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private ScriptedPool _pool = null!;
    private TlsPoolClient _client = null!;

    [SetUp]
    public void Start()
    {
        _pool = new ScriptedPool();
        _client = new TlsPoolClient(new TlsPoolClientOptions { SocketPath = _pool.Path });
    }

    [TearDown]
    public async Task Stop()
    {
        await _client.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [Test]
    public async Task Pins_are_asked_for_sent_and_cleared()
    {
        byte[] pin = "1234"u8.ToArray();
        PinPrompt? shown = null;
        using var source = new CancellationTokenSource();
        Task serving = _client.ServePinEntryAsync(
            (prompt, _) =>
            {
                shown = prompt;
                return ValueTask.FromResult(prompt.Attempt == 0 ? pin : []);
            },
            TimeSpan.FromSeconds(60),
            source.Token);
        ScriptedPool.Received offer = await _pool.NextAsync(Command.PinEntry);
        var offered = (PinEntryMessage)offer.Frame.Body;
        Assert.That((offered.Pin.Length, offered.TimeoutMicroseconds), Is.EqualTo((0, 60_000_000u)));

        offer.Callback(11, Command.PinEntry, new PinEntryMessage(0, 0, 0, [], "PIN?", "maker", "model", "serial", "label"));
        ScriptedPool.Received answer = await _pool.NextAsync(Command.PinEntry);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Frame.CallbackId, Is.EqualTo(11));
            Assert.That(((PinEntryMessage)answer.Frame.Body).Pin, Is.EqualTo("1234"u8.ToArray()));
            Assert.That(shown, Is.EqualTo(new PinPrompt(0, "PIN?", "maker", "model", "serial", "label")));
        });

        offer.Callback(12, Command.PinEntry, new PinEntryMessage(0, 1, 0, [], "PIN?", "maker", "model", "serial", "label"));
        answer = await _pool.NextAsync(Command.PinEntry);
        Assert.That(((PinEntryMessage)answer.Frame.Body).Pin, Is.Empty, "the user has refused");
        Assert.That(pin, Is.All.Zero);

        await source.CancelAsync();
        Assert.That(async () => await serving.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await _pool.EndedAsync(), Is.EqualTo(TransportEnd.ClosedByPeer), "that frees the lock");
    }

    [Test]
    public async Task Second_pin_program_is_told_that_there_is_no_vacancy()
    {
        Task serving = _client.ServePinEntryAsync((_, _) => ValueTask.FromResult(Array.Empty<byte>()), TimeSpan.Zero);
        (await _pool.NextAsync(Command.PinEntry)).Fail(PoolError.PinEntryNotVacant);
        TlsPoolException? refused = await Assert.ThrowsAsync<TlsPoolException>(() => serving.WaitAsync(Patience));
        Assert.That(refused!.Error, Is.EqualTo(PoolError.PinEntryNotVacant));
    }

    [Test]
    public async Task Failing_pin_handler_ends_the_service_and_its_connection()
    {
        Task serving = _client.ServePinEntryAsync((_, _) => throw new NotSupportedException("no terminal"), TimeSpan.Zero);
        ScriptedPool.Received offer = await _pool.NextAsync(Command.PinEntry);
        offer.Callback(11, Command.PinEntry, new PinEntryMessage(0, 0, 0, [], "", "", "", "", ""));
        await Assert.ThrowsAsync<NotSupportedException>(() => serving.WaitAsync(Patience));
        Assert.That(await _pool.EndedAsync(), Is.EqualTo(TransportEnd.ClosedByPeer));
    }

    [Test]
    public async Task Local_identities_are_shown_and_chosen()
    {
        var questions = new List<LocalIdQuestion>();
        using var source = new CancellationTokenSource();
        Task serving = _client.ServeLocalIdAsync(
            (question, _) =>
            {
                questions.Add(question);
                return ValueTask.FromResult(
                    question.IsEntry ? null : new LocalIdChoice("me@example.com", LidEntryFlags.DbInsert, 1, "@example.org"));
            },
            LidEntryFlags.WantDbEntry | LidEntryFlags.SkipUser,
            TimeSpan.FromSeconds(30),
            source.Token);
        ScriptedPool.Received registration = await _pool.NextAsync(Command.LidEntryRegister);
        Assert.That(
            registration.Frame.Body,
            Is.EqualTo(new LidEntryMessage(LidEntryFlags.WantDbEntry | LidEntryFlags.SkipUser, 0, 30, "", "")));

        var entry = new LidEntryMessage(LidEntryFlags.DbEntry, 1, 0, "old@example.com", "@example.org");
        registration.Callback(1, Command.LidEntryCallback, entry);
        Assert.That((await _pool.NextAsync(Command.LidEntryCallback)).Frame.CallbackId, Is.EqualTo(1));
        registration.Callback(2, Command.LidEntryCallback, new LidEntryMessage(LidEntryFlags.None, 2, 5, "", "you@example.org"));
        ScriptedPool.Received answer = await _pool.NextAsync(Command.LidEntryCallback);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Frame.CallbackId, Is.EqualTo(2));
            Assert.That(answer.Frame.Body, Is.EqualTo(new LidEntryMessage(LidEntryFlags.DbInsert, 1, 5, "me@example.com", "@example.org")));
            Assert.That(questions.Select(question => question.IsEntry), Is.EqualTo(new[] { true, false }));
            Assert.That(questions[1].Timeout, Is.EqualTo(TimeSpan.FromSeconds(5)));
        });
        await source.CancelAsync();
        Assert.That(async () => await serving.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase(0, "john@www.example.org")]
    [TestCase(1, "@www.example.org")]
    [TestCase(2, "@.example.org")]
    public async Task Choice_for_more_than_one_remote_identity_goes_out_as_its_selector(int levels, string expected)
    {
        Task serving = _client.ServeLocalIdAsync(
            (_, _) => ValueTask.FromResult<LocalIdChoice?>(new LocalIdChoice("me@example.com", LidEntryFlags.DbAppend, (ushort)levels)), LidEntryFlags.None, TimeSpan.Zero);
        ScriptedPool.Received registration = await _pool.NextAsync(Command.LidEntryRegister);
        registration.Callback(1, Command.LidEntryCallback, new LidEntryMessage(LidEntryFlags.None, 2, 5, "", "john@www.example.org"));
        Assert.That(((LidEntryMessage)(await _pool.NextAsync(Command.LidEntryCallback)).Frame.Body).RemoteId, Is.EqualTo(expected));
        await _client.DisposeAsync();
        Assert.That(async () => await serving.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task No_choice_refuses_the_callback_and_the_service_goes_on()
    {
        Task serving = _client.ServeLocalIdAsync((_, _) => ValueTask.FromResult<LocalIdChoice?>(null), LidEntryFlags.None, TimeSpan.Zero);
        ScriptedPool.Received registration = await _pool.NextAsync(Command.LidEntryRegister);
        for (ushort id = 1; id <= 2; id++)
        {
            registration.Callback(id, Command.LidEntryCallback, new LidEntryMessage(LidEntryFlags.None, 0, 0, "", "a.example"));
            Assert.That((await _pool.NextAsync(Command.Error)).Frame.CallbackId, Is.EqualTo(id));
        }
        await _client.DisposeAsync();
        Assert.That(async () => await serving.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
    }
}
