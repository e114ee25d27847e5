using System.Diagnostics;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>PIN programs that do not answer, or answer wrongly: the question stays open, and goes to who serves next.</summary>
[Parallelizable]
public sealed class BadPinEntryTests
{
    private const string Pin = "6174-never-used-before-the-end";
    private const ushort Offer = 5;
    private const uint Minute = 60_000_000;
    private const uint Moment = 200_000;

    private LockedTokens _tokens = null!;
    private RawApplication _program = null!;
    private RawApplication _other = null!;
    private int _mark;

    private PoolProcess Pool => _tokens.Pool;

    private string NewLog => Pool.Log[_mark..];

    [OneTimeSetUp]
    public async Task Start() => _tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });

    [OneTimeTearDown]
    public async Task Stop() => await _tokens.DisposeAsync();

    [SetUp]
    public void Connect()
    {
        _mark = Pool.Log.Length;
        (_program, _other) = (new RawApplication(Pool.SocketPath), new RawApplication(Pool.SocketPath));
    }

    [TearDown]
    public async Task Expect()
    {
        _program.Dispose();
        _other.Dispose();
        // Whatever happened: the next program is asked, and the right PIN was neither tried nor kept.
        using var next = new RawApplication(Pool.SocketPath);
        await AskedAsync(next);
        Assert.That(NewLog, Does.Not.Contain("is ready").And.Not.Contains(Pin));
        Assert.That(ProcessMemory.Find(Pool.Daemon.Id, Pin), Is.Empty);
    }

    [Test]
    public async Task A_program_that_never_answers_loses_the_question_and_its_late_answer_finds_no_vacancy()
    {
        Frame question = await AskedAsync(_program, Moment);
        Assert.That(Attempt(await AskedAsync(_other)), Is.EqualTo(Attempt(question)));
        Answer(_program, question, Pin);
        Assert.That(_program.ReceiveError(Offer), Is.EqualTo(PoolError.PinEntryNotVacant));
        await WaitForLogAsync("too late: what was entered is not used");
    }

    [Test]
    public async Task A_late_answer_is_swallowed_and_is_the_next_offer()
    {
        Frame question = await AskedAsync(_program, Moment);
        await WaitForLogAsync("has not entered a PIN in time");
        Answer(_program, question, Pin);
        Frame again = _program.Receive();
        Assert.That((again.Command, Attempt(again)), Is.EqualTo((Command.PinEntry, Attempt(question))));
        await WaitForLogAsync("too late: what was entered is not used");
    }

    [Test]
    public async Task Two_answers()
    {
        Frame question = await AskedAsync(_program);
        Answer(_program, question, "wrong");
        Answer(_program, question, Pin);
        Frame[] next = [_program.Receive(), _program.Receive()];
        Assert.That(next.Select(frame => frame.Command), Is.EquivalentTo(new[] { Command.PinEntry, Command.Error }));
        Assert.That(Attempt(next.Single(frame => frame.Command == Command.PinEntry)), Is.EqualTo(Attempt(question) + 1), "the first one counts");
        var error = (ErrorMessage)next.Single(frame => frame.Command == Command.Error).Body;
        Assert.That(error.Code, Is.EqualTo(PoolError.CommandBadCallbackResponse));
    }

    [Test]
    public async Task An_answer_from_another_connection()
    {
        Frame question = await AskedAsync(_program);
        Answer(_other, question, Pin);
        Assert.That(_other.ReceiveError(Offer), Is.EqualTo(PoolError.CommandBadCallbackResponse));
        Answer(_program, question, "wrong");
        Assert.That(Attempt(_program.Receive()), Is.EqualTo(Attempt(question) + 1));
    }

    [TestCase(Command.Success)]
    [TestCase(Command.Ping)]
    [TestCase(Command.StartTls)]
    [TestCase(Command.LidEntryCallback)]
    [TestCase((Command)0x77)]
    public async Task A_wrong_command(Command command)
    {
        Frame question = await AskedAsync(_program);
        // Not the PIN: what is called by another name cannot be known to be one.
        byte[] answer = RawApplication.Bytes(Offer, question.CallbackId, Command.PinEntry, Message("no-pin"));
        BitConverter.GetBytes((uint)command).CopyTo(answer, FrameLayout.Header.Command);
        await SpoiltAsync(question, answer);
    }

    [TestCase(20, 128)]
    [TestCase(148, 128)]
    [TestCase(276, 36)]
    [TestCase(312, 20)]
    [TestCase(332, 20)]
    [TestCase(352, 36)]
    public async Task A_text_without_end(int offset, int size)
    {
        Frame question = await AskedAsync(_program);
        byte[] answer = RawApplication.Bytes(Offer, question.CallbackId, Command.PinEntry, Message(Pin));
        answer.AsSpan(offset, size).Fill((byte)'x');
        await SpoiltAsync(question, answer);
        // In an offer too.
        answer = RawApplication.Bytes(Offer, 0, Command.PinEntry, Message());
        answer.AsSpan(offset, size).Fill((byte)'x');
        _other.SendBytes(answer);
        _other.ReceiveError(Offer);
        Assert.That(_other.Ping());
    }

    [Test]
    public async Task A_descriptor_in_the_answer()
    {
        Frame question = await AskedAsync(_program);
        _program.Send(Offer, question.CallbackId, Command.PinEntry, Message(Pin), (int)_program.Socket.Handle);
        Assert.That(_program.ReceiveError(Offer), Is.EqualTo(PoolError.SuperfluousSocket));
        Assert.That(Attempt(await AskedAsync(_program)), Is.EqualTo(Attempt(question)));
    }

    [Test]
    public async Task A_PIN_in_an_offer_is_not_used()
    {
        await AskedAsync(_program);
        _program.Dispose();
        _other.Send(Offer, 0, Command.PinEntry, Message(Pin));
        Frame frame = _other.Receive();
        Assert.That(frame.Command, Is.AnyOf(Command.PinEntry, Command.Error));
    }

    [Test]
    public async Task A_resignation_is_confirmed_and_leaves_the_question_to_the_next()
    {
        Frame question = await AskedAsync(_program);
        _program.Send(Offer, question.CallbackId, Command.Error, new ErrorMessage(PoolError.ClientRefusesCallback, "enough"));
        Frame confirmed = _program.Receive();
        Assert.That((confirmed.Command, confirmed.RequestId, confirmed.CallbackId), Is.EqualTo((Command.Success, Offer, (ushort)0)));
        _other.Send(Offer, 0, Command.PinEntry, Message());
        Assert.That(Attempt(_other.Receive()), Is.EqualTo(Attempt(question)), "at once");
        await WaitForLogAsync("serves no PINs any more: it resigned");
    }

    [Test]
    public async Task Programs_that_race_get_one_question_and_the_others_no_vacancy()
    {
        await AskedAsync(_program);
        _program.Dispose();
        List<RawApplication> racers = [.. Enumerable.Range(0, 20).Select(_ => new RawApplication(Pool.SocketPath))];
        try
        {
            while (racers.Count > 17)
            {
                Parallel.ForEach(racers, racer => racer.Send(Offer, 0, Command.PinEntry, Message()));
                var asked = racers.Where(racer => racer.Receive() is { } frame
                    && (frame.Command == Command.PinEntry || (frame.Body is ErrorMessage { Code: PoolError.PinEntryNotVacant } ? false : throw new InvalidDataException($"{frame}")))).ToList();
                // None, while the end of the one before is not heard of yet.
                Assert.That(asked, Has.Count.LessThanOrEqualTo(1));
                asked.ForEach(winner => winner.Dispose());
                racers.RemoveAll(asked.Contains);
            }
        }
        finally
        {
            racers.ForEach(racer => racer.Dispose());
        }
    }

    [Test]
    public async Task A_program_that_is_killed_between_question_and_answer()
    {
        string asked = Path.Combine(Pool.Directory, "asked");
        string askpass = Path.Combine(Pool.Directory, "askpass");
        await File.WriteAllTextAsync(askpass, $"#!/bin/sh\n: > {asked}\nexec cat\n");
        File.SetUnixFileMode(askpass, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using ChildProcess killed = Pool.Start(["pin", "--askpass", askpass]);
        long start = Stopwatch.GetTimestamp();
        while (!File.Exists(asked))
        {
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(30)), killed.Output);
            await Task.Delay(20);
        }
        killed.Signal("KILL");
        await AskedAsync(_program);
        Assert.That(await WaitForLogAsync("serves no PINs any more: it closed its connection"), Does.Not.Contain("in time"));
        // What it ran reads on, until there is no more.
        killed.Input.Close();
    }

    [Test]
    public async Task The_longest_PIN_is_tried()
    {
        Frame question = await AskedAsync(_program);
        Answer(_program, question, new string('9', 127));
        Assert.That(Attempt(_program.Receive()), Is.EqualTo(Attempt(question) + 1));
    }

    /// <summary>Waits until something was logged since the beginning of the test.</summary>
    private async Task<string> WaitForLogAsync(string text) =>
        (await Pool.Daemon.WaitForAsync(log => log.IndexOf(text, _mark, StringComparison.Ordinal) >= 0))[_mark..];

    private async Task SpoiltAsync(Frame question, byte[] answer)
    {
        _program.SendBytes(answer);
        _program.ReceiveError(Offer);
        // The lock holds, and the program has another chance.
        _other.Send(Offer, 0, Command.PinEntry, Message());
        Assert.That(_other.ReceiveError(Offer), Is.EqualTo(PoolError.PinEntryNotVacant));
        Assert.That(Attempt(await AskedAsync(_program)), Is.EqualTo(Attempt(question)));
    }

    /// <summary>Offers until this program is asked.</summary>
    private static async Task<Frame> AskedAsync(RawApplication program, uint timeout = Minute)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            program.Send(Offer, 0, Command.PinEntry, Message(timeout: timeout));
            Frame frame = program.Receive();
            if (frame is { Command: Command.PinEntry, CallbackId: not 0, RequestId: Offer, Body: PinEntryMessage { TokenLabel: "one", Pin.Length: 0 } })
                return frame;
            // Until the pool has heard of the end of the program before, or its time is up.
            Assert.That(frame.Body is ErrorMessage { Code: PoolError.PinEntryNotVacant }, $"{frame}");
            Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(30)));
            await Task.Delay(20);
        }
    }

    private static void Answer(RawApplication program, Frame question, string pin) =>
        program.Send(Offer, question.CallbackId, Command.PinEntry, Message(pin));

    private static uint Attempt(Frame question) => ((PinEntryMessage)question.Body).Attempt;

    private static PinEntryMessage Message(string pin = "", uint timeout = Minute) => new(0, 0, timeout, Encoding.UTF8.GetBytes(pin), "", "", "", "", "");
}
