using NUnit.Framework;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.LocalIds;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.LocalIds;

/// <summary>Answers to the question whom to be.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LocalIdChoiceTests
{
    private static LocalIdChoice? Read(string localId, string remoteId, LidEntryFlags flags, out string? fault, string asked = "www.example.com", ushort echoed = 7) =>
        LocalIdChoice.TryRead(new LocalIdProtocol.Choose(asked, "", 1, []), new LidEntryMessage(flags, echoed, 0, localId, remoteId), out fault);

    [Test]
    public void A_choice_stores_nothing_unless_it_says_so() =>
        Assert.That(Read("john@a.example", "www.example.com", LidEntryFlags.None, out _), Is.EqualTo(new LocalIdChoice("john@a.example", false, false, null)));

    [TestCase(LidEntryFlags.DbInsert, true, true, false)]
    [TestCase(LidEntryFlags.DbAppend, false, true, false)]
    [TestCase(LidEntryFlags.DbInsert | LidEntryFlags.DbAppend, true, true, false)]
    [TestCase(LidEntryFlags.DbInsert | LidEntryFlags.DbReorder, true, true, true)]
    [TestCase(LidEntryFlags.DbAppend | LidEntryFlags.DbReorder, false, true, true)]
    [TestCase(LidEntryFlags.DbReorder, true, false, true)]
    public void Flags_say_where_a_choice_is_stored(LidEntryFlags flags, bool atFront, bool adds, bool moves) =>
        Assert.That(
            Read("john@a.example", ".example.com", flags, out _)!.Storage,
            Is.EqualTo(new DisclosureChange(Selector.Parse(".example.com"), Disclosed.Of(DoNai.Parse("john@a.example")), atFront, adds, moves)));

    [TestCase("")]
    [TestCase("www.example.com")]
    [TestCase("WWW.example.com")]
    public void The_remote_identity_itself_is_what_a_choice_is_for(string remoteId) =>
        Assert.That(Read("", remoteId, LidEntryFlags.DbInsert | LidEntryFlags.New | LidEntryFlags.OnTheFly, out _), Is.EqualTo(new LocalIdChoice(
            "", false, false, new DisclosureChange(Selector.Parse("www.example.com"), Disclosed.Nobody, AtFront: true, Adds: true, Moves: false))));

    [TestCase(".com", ".com is 2 levels up from www.example.com, and 1 may be")]
    [TestCase(".", ". is 3 levels up from www.example.com, and 1 may be")]
    [TestCase("@.example.com", "'@.example.com' does not stand for www.example.com")]
    [TestCase("other.example.com", "'other.example.com' does not stand for www.example.com")]
    [TestCase("no selector", "'no selector' does not stand for www.example.com")]
    public void A_choice_for_more_than_was_asked_is_refused(string remoteId, string reason)
    {
        foreach (LidEntryFlags flags in new[] { LidEntryFlags.None, LidEntryFlags.DbInsert })
        {
            Assert.That(Read("john@a.example", remoteId, flags, out string? fault), Is.Null);
            Assert.That(fault, Is.EqualTo(reason));
        }
    }

    [TestCase("no identity")]
    [TestCase(".example")]
    [TestCase("-")]
    [TestCase("!")]
    public void What_is_no_identity_is_refused(string localId)
    {
        Assert.That(Read(localId, "", LidEntryFlags.None, out string? fault), Is.Null);
        Assert.That(fault, Is.EqualTo($"'{localId}' is no identity"));
    }

    [Test]
    public void Nothing_is_stored_for_somebody_who_is_not_named()
    {
        Assert.That(Read("john@a.example", "", LidEntryFlags.DbInsert, out string? fault, asked: ""), Is.Null);
        Assert.That(fault, Does.Contain("nothing can be stored"));
        Assert.That(Read("john@a.example", ".", LidEntryFlags.None, out fault, asked: ""), Is.Null);
        Assert.That(fault, Does.Contain("'.' does not stand for a remote identity that is not named"));
        Assert.That(Read("john@a.example", "", LidEntryFlags.New, out _, asked: ""), Is.EqualTo(new LocalIdChoice("john@a.example", false, true, null)));
    }
}
