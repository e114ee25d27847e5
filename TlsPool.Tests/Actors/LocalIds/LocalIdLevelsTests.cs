using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Actors.LocalIds;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.LocalIds;

/// <summary>How far a stored choice may be from the remote identity.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LocalIdLevelsTests
{
    private static readonly LidEntryFlags[] FromStrictToLoose =
    [
        LidEntryFlags.None, LidEntryFlags.SkipUser, LidEntryFlags.SkipDomainSame, LidEntryFlags.SkipDomainOneUp,
        LidEntryFlags.SkipDomainSub, LidEntryFlags.SkipNotRoot, LidEntryFlags.SkipDbEntry,
    ];

    // john@www.b.example.com, @www.b.example.com, @.b.example.com, @.example.com, @.com, @.
    [TestCase(LidEntryFlags.None, "")]
    [TestCase(LidEntryFlags.WantDbEntry, "")]
    [TestCase(LidEntryFlags.SkipUser, "0")]
    [TestCase(LidEntryFlags.SkipDomainSame, "0 1")]
    [TestCase(LidEntryFlags.SkipDomainOneUp, "0 1 2")]
    [TestCase(LidEntryFlags.SkipDomainSub, "0 1 2 3")]
    [TestCase(LidEntryFlags.SkipNotRoot, "0 1 2 3 4")]
    [TestCase(LidEntryFlags.SkipDbEntry, "0 1 2 3 4 5")]
    [TestCase(LidEntryFlags.SkipUser | LidEntryFlags.SkipDomainSub, "0")]
    [TestCase(LidEntryFlags.SkipNotRoot | LidEntryFlags.SkipDomainSame, "0 1")]
    [TestCase((LidEntryFlags)0x0f, "")]
    public void A_flag_says_which_entries_are_used_without_a_question(LidEntryFlags flags, string levels) =>
        Assert.That(Skipped(flags, "john@www.b.example.com"), Is.EqualTo(levels));

    [TestCase(LidEntryFlags.SkipUser, "0")]
    [TestCase(LidEntryFlags.SkipDomainSame, "0")]
    [TestCase(LidEntryFlags.SkipDomainOneUp, "0 1")]
    [TestCase(LidEntryFlags.SkipDomainSub, "0 1")]
    [TestCase(LidEntryFlags.SkipNotRoot, "0 1")]
    [TestCase(LidEntryFlags.SkipDbEntry, "0 1 2")]
    public void Short_names_run_into_the_root_sooner(LidEntryFlags flags, string levels) =>
        Assert.That(Skipped(flags, "printer.lan"), Is.EqualTo(levels));

    [TestCase("localhost", 0)]
    [TestCase("example.com", 0)]
    [TestCase("www.example.com", 1)]
    [TestCase("a.b.example.com", 2)]
    [TestCase("john@example.com", 1)]
    [TestCase("john@www.example.com", 2)]
    [TestCase("john@localhost", 0)]
    public void An_answer_is_stored_for_no_more_than_a_domain_of_two_labels(string remote, int levels) =>
        Assert.That(LocalIdLevels.MostStored(DoNai.Parse(remote)), Is.EqualTo(levels));

    [TestCase("")]
    [TestCase("::1")]
    public void Nothing_is_near_an_identity_that_is_not_named(string remote) =>
        Assert.That(FromStrictToLoose.Where(flags => LocalIdLevels.MaySkip(flags, remote, 0)), Is.EqualTo(new[] { LidEntryFlags.SkipDbEntry }));

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public Property Each_flag_lets_through_what_the_stricter_ones_do_and_the_near_before_the_far() => Prop.ForAll(
        Identities().ToArbitrary(),
        remote =>
        {
            int top = Selector.Search(remote).Count() - 1;
            bool[][] skips = [.. FromStrictToLoose.Select(flags => Enumerable.Range(0, top + 1).Select(level => LocalIdLevels.MaySkip(flags, remote.ToString(), level)).ToArray())];
            bool nested = skips.Zip(skips.Skip(1)).All(pair => pair.First.Zip(pair.Second).All(both => !both.First || both.Second));
            bool near = skips.All(one => one.Zip(one.Skip(1)).All(step => step.First || !step.Second));
            bool root = skips.SkipLast(1).All(one => !one[top]);
            int stored = LocalIdLevels.MostStored(remote);
            return nested && near && root && stored < top && LocalIdLevels.MaySkip(LidEntryFlags.SkipDomainSub, remote.ToString(), stored);
        });

    private static string Skipped(LidEntryFlags flags, string remote) => string.Join(
        ' ', Enumerable.Range(0, Selector.Search(DoNai.Parse(remote)).Count()).Where(level => LocalIdLevels.MaySkip(flags, remote, level)));

    private static Gen<DoNai> Identities() =>
        from user in Gen.Elements<string?>(null, "john")
        from labels in Gen.Elements("a", "www", "example", "com").ListOf()
        select DoNai.Parse((user is null ? "" : user + "@") + string.Join('.', labels.Take(5).DefaultIfEmpty("localhost")));
}
