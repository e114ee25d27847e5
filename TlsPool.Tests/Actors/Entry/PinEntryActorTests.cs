using Akka.Actor;
using Akka.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Audit;
using TlsPool.Actors.Entry;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Transport;
using static TlsPool.Actors.Entry.PinProtocol;

namespace TlsPool.Tests.Actors.Entry;

/// <summary>PIN entry between tokens and programs: who is asked what, in which order.</summary>
[Parallelizable]
public sealed class PinEntryActorTests : AkkaFixture
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);
    private static readonly PeerCredentials Peer = new(42, 1000, 100);

    private readonly Recorder _audit = new();
    private IActorRef _entry = null!;
    private TestProbe _one = null!;
    private TestProbe _two = null!;
    private TestProbe _program = null!;
    private TestProbe _other = null!;

    [SetUp]
    public void Make()
    {
        _entry = Sys.ActorOf(PinEntryActor.Props(NullLogger.Instance, _audit, TimeProvider.System));
        (_one, _two, _program, _other) = (Kit.CreateTestProbe(), Kit.CreateTestProbe(), Kit.CreateTestProbe(), Kit.CreateTestProbe());
    }

    [Test]
    public async Task Tokens_wait_for_a_program_and_are_asked_one_after_the_other()
    {
        Wish(_one, "one");
        Wish(_two, "two");
        Question question = await OfferAsync(_program, 7, Long);
        Assert.That((question.RequestId, question.Body.TokenLabel, question.Body.Attempt), Is.EqualTo(((ushort)7, "one", 0u)));
        await _one.ExpectMsgAsync<Asked>(Patience);
        await AnswerAsync(_program, 8, question, "wrong", Long);
        Assert.That((await _one.ExpectMsgAsync<Entered>(Patience)).Pin, Is.EqualTo("wrong"u8.ToArray()));
        await _program.ExpectNoMsgAsync(Short);
        await _two.ExpectNoMsgAsync(Short);

        Wish(_one, "one", attempt: 1);
        question = await _program.ExpectMsgAsync<Question>(Patience);
        Assert.That((question.RequestId, question.Body.TokenLabel, question.Body.Attempt), Is.EqualTo(((ushort)8, "one", 1u)), "never interleaved");
        await AnswerAsync(_program, 9, question, "right", Long);
        await _one.ExpectMsgAsync<Asked>(Patience);
        await _one.ExpectMsgAsync<Entered>(Patience);
        _entry.Tell(Tried.Instance, _one);
        question = await _program.ExpectMsgAsync<Question>(Patience);
        Assert.That((question.RequestId, question.Body.TokenLabel), Is.EqualTo(((ushort)9, "two")));
        Assert.That(_audit.Texts, Is.EqualTo(new[]
        {
            "True serves PINs",
            "True PIN asked for, after 0 wrong ones",
            "True PIN entered",
            "True PIN asked for, after 1 wrong ones",
            "True PIN entered",
            "True PIN asked for, after 0 wrong ones",
        }));
    }

    [Test]
    public async Task A_refusal_is_told_and_the_next_token_asked()
    {
        Wish(_one, "one");
        Wish(_two, "two");
        Question question = await OfferAsync(_program, 7, Long);
        await AnswerAsync(_program, 8, question, "", Long);
        await _one.ExpectMsgAsync<Asked>(Patience);
        Assert.That((await _one.ExpectMsgAsync<Refused>(Patience)).Reason, Does.Contain("\"one\"").And.Contains("process 42"));
        Assert.That((await _program.ExpectMsgAsync<Question>(Patience)).Body.TokenLabel, Is.EqualTo("two"));
    }

    [Test]
    public async Task A_second_program_finds_no_vacancy_while_an_offer_is_open_or_a_question_unanswered()
    {
        await TakenAsync(_program, 7, Long);
        await NotVacantAsync(_other, 1);
        Wish(_one, "one");
        await _program.ExpectMsgAsync<Question>(Patience);
        await NotVacantAsync(_other, 2);
        Assert.That(_audit.Texts[^1], Is.EqualTo("False process 42 of uid 1000 serves PINs already"));
    }

    [Test]
    public async Task A_program_that_ends_between_question_and_answer_loses_no_token()
    {
        Wish(_one, "one");
        await OfferAsync(_program, 7, Long);
        Sys.Stop(_program);
        Question question = null!;
        // Its end is heard a moment later.
        await Kit.AwaitAssertAsync(async () => question = await OfferOrFailAsync(_other, 1), Patience);
        Assert.That(question.Body.TokenLabel, Is.EqualTo("one"));
    }

    [Test]
    public async Task A_program_that_resigns_leaves_its_question_to_the_next()
    {
        Wish(_one, "one");
        await OfferAsync(_program, 7, Long);
        _entry.Tell(new Resign(_program));
        Assert.That((await OfferAsync(_other, 1, Long)).Body.TokenLabel, Is.EqualTo("one"));
        Assert.That(_audit.Texts, Does.Contain("True serves no PINs any more: it resigned"));
    }

    [Test]
    public async Task A_late_answer_is_swallowed_and_is_an_offer_all_the_same()
    {
        Wish(_one, "one");
        Question question = await OfferAsync(_program, 7, Short);
        Assert.That((await _program.ExpectMsgAsync<Expire>(Patience)).Number, Is.EqualTo(question.Number));
        await _one.ExpectMsgAsync<Asked>(Patience);
        byte[] late = await AnswerAsync(_program, 8, question, "late", Long);
        Question again = await _program.ExpectMsgAsync<Question>(Patience);
        Assert.That((again.RequestId, again.Body.TokenLabel), Is.EqualTo(((ushort)8, "one")));
        await _one.ExpectMsgAsync<Asked>(Patience);
        await _one.ExpectNoMsgAsync(Short);
        Assert.That(late, Is.All.Zero);
    }

    [Test]
    public async Task After_the_timeout_another_program_is_asked_and_the_late_one_finds_no_vacancy()
    {
        Wish(_one, "one");
        Question question = await OfferAsync(_program, 7, Short);
        await _program.ExpectMsgAsync<Expire>(Patience);
        Question second = await OfferAsync(_other, 1, Long);
        Assert.That(second.Body.TokenLabel, Is.EqualTo("one"));
        byte[] late = [.. "late"u8];
        _entry.Tell(new Answer(new Offer(_program, 8, Peer, Long), question.Number, late));
        Assert.That((await _program.ExpectMsgAsync<OfferDone>(Patience)).Fault!.Code, Is.EqualTo(PoolError.PinEntryNotVacant));
        Assert.That(late, Is.All.Zero);
    }

    [Test]
    public async Task Without_protection_another_program_takes_the_question_over()
    {
        Wish(_one, "one");
        Question question = await OfferAsync(_program, 7, TimeSpan.Zero);
        Assert.That((await OfferAsync(_other, 1, Long)).Body.TokenLabel, Is.EqualTo("one"));
        Assert.That((await _program.ExpectMsgAsync<Expire>(Patience)).Number, Is.EqualTo(question.Number));
    }

    [Test]
    public async Task Nonsense_for_an_answer_leaves_the_question_open_for_the_same_program()
    {
        Wish(_one, "one");
        Question question = await OfferAsync(_program, 7, Long);
        _entry.Tell(new Spoiled(question.Number));
        await NotVacantAsync(_other, 1);
        Assert.That((await OfferAsync(_program, 8, Long)).Body.TokenLabel, Is.EqualTo("one"));
    }

    [Test]
    public async Task What_is_entered_for_a_token_that_needs_it_no_more_is_cleared()
    {
        Wish(_one, "one");
        Question question = await OfferAsync(_program, 7, Long);
        _entry.Tell(Withdraw.Instance, _one);
        byte[] pin = await AnswerAsync(_program, 8, question, "unused", Long);
        Assert.That(pin, Is.All.Zero);
        Wish(_two, "two");
        Assert.That((await _program.ExpectMsgAsync<Question>(Patience)).Body.TokenLabel, Is.EqualTo("two"));
    }

    [Test]
    public async Task A_token_that_ends_while_it_tries_does_not_hold_the_others_up()
    {
        Wish(_one, "one");
        Wish(_two, "two");
        Question question = await OfferAsync(_program, 7, Long);
        await AnswerAsync(_program, 8, question, "1234", Long);
        Sys.Stop(_one);
        Assert.That((await _program.ExpectMsgAsync<Question>(Patience)).Body.TokenLabel, Is.EqualTo("two"));
    }

    [Test]
    public async Task When_it_fails_tokens_and_program_are_told()
    {
        Wish(_one, "one");
        Wish(_two, "two");
        Question question = await OfferAsync(_program, 7, Long);
        await AnswerAsync(_program, 8, question, "1234", Long);
        _entry.Tell(Kill.Instance);
        await _two.ExpectMsgAsync<Refused>(Patience);
        await _one.FishForMessageAsync(message => message is Refused, Patience);
        Assert.That((await _program.ExpectMsgAsync<OfferEnded>(Patience)).RequestId, Is.EqualTo(8));
    }

    [Test]
    public async Task Where_another_one_takes_its_place_tokens_ask_again_and_the_program_offers_again()
    {
        Wish(_one, "one");
        Wish(_two, "two");
        Question question = await OfferAsync(_program, 7, Long);
        await _one.ExpectMsgAsync<Asked>(Patience);
        _entry.Tell(Cease.Instance);
        await _one.ExpectMsgAsync<AskAgain>(Patience);
        await _two.ExpectMsgAsync<AskAgain>(Patience);
        Assert.That((await _program.ExpectMsgAsync<Expire>(Patience)).Number, Is.EqualTo(question.Number));
    }

    [Test]
    public async Task An_answer_of_somebody_who_was_not_asked_is_not_used()
    {
        Wish(_one, "one");
        Question question = await OfferAsync(_program, 7, Long);
        byte[] pin = [.. "1234"u8];
        _entry.Tell(new Answer(new Offer(_other, 1, Peer, Long), question.Number, pin));
        Assert.That((await _other.ExpectMsgAsync<OfferDone>(Patience)).Fault!.Code, Is.EqualTo(PoolError.PinEntryNotVacant));
        Assert.That(pin, Is.All.Zero);
    }

    [Test]
    public void PINs_have_no_text_form() => Assert.That(
        $"{new Entered("98765"u8.ToArray(), Peer)} {new Answer(new Offer(_one, 1, Peer, Long), 1, "98765"u8.ToArray())}", Is.EqualTo("Entered Answer"));

    private void Wish(TestProbe token, string label, uint attempt = 0) =>
        _entry.Tell(new Ask("maker", "model", "serial", label, "PIN?", attempt), token);

    private async Task TakenAsync(TestProbe connection, ushort request, TimeSpan timeout)
    {
        _entry.Tell(new Offer(connection, request, Peer, timeout));
        Assert.That(await connection.ExpectMsgAsync<OfferDone>(Patience), Is.EqualTo(new OfferDone(request, null)));
    }

    private async Task<Question> OfferAsync(TestProbe connection, ushort request, TimeSpan timeout)
    {
        await TakenAsync(connection, request, timeout);
        return await connection.ExpectMsgAsync<Question>(Patience);
    }

    private async Task<Question> OfferOrFailAsync(TestProbe connection, ushort request)
    {
        _entry.Tell(new Offer(connection, request, Peer, Long));
        OfferDone done = await connection.ExpectMsgAsync<OfferDone>(Patience);
        return done.Fault is null ? await connection.ExpectMsgAsync<Question>(Patience) : throw new AssertionException(done.Fault.Text);
    }

    private async Task NotVacantAsync(TestProbe connection, ushort request)
    {
        _entry.Tell(new Offer(connection, request, Peer, Long));
        OfferDone done = await connection.ExpectMsgAsync<OfferDone>(Patience);
        Assert.That((done.RequestId, done.Fault?.Code), Is.EqualTo((request, PoolError.PinEntryNotVacant)));
    }

    private async Task<byte[]> AnswerAsync(TestProbe connection, ushort next, Question question, string pin, TimeSpan timeout)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(pin);
        _entry.Tell(new Answer(new Offer(connection, next, Peer, timeout), question.Number, bytes));
        Assert.That(await connection.ExpectMsgAsync<OfferDone>(Patience), Is.EqualTo(new OfferDone(next, null)));
        return bytes;
    }

    private sealed class Recorder : IAuditTrail
    {
        private readonly List<string> _texts = [];

        internal IReadOnlyList<string> Texts
        {
            get
            {
                lock (_texts)
                    return [.. _texts];
            }
        }

        public void Record(AuditEvent decision)
        {
            lock (_texts)
                _texts.Add($"{decision.Allowed} {decision.Reason}");
        }
    }
}
