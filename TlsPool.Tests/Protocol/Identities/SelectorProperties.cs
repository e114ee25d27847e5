using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Protocol.Identities;

[TestFixture]
public sealed class SelectorProperties
{
    [FsCheck.NUnit.Property(MaxTest = 1000)]
    public Property Every_selector_of_a_search_matches_and_each_is_wider_than_the_one_before() => Prop.ForAll(
        Identities().ToArbitrary(),
        Identities().ToArbitrary(),
        (identity, other) =>
        {
            Selector[] search = [.. Selector.Search(identity)];
            bool matching = search.All(selector => selector.Matches(identity));
            bool wider = search.Zip(search.Skip(1)).All(pair => !pair.First.Matches(other) || pair.Second.Matches(other));
            bool ends = search[0].IsConcrete && search[^1].ToString() == (identity.User is null ? "." : "@.");
            int steps = identity.Domain.Split('.').Length + (identity.User is null ? 1 : 2);
            return matching && wider && ends && search.Length == steps;
        });

    [FsCheck.NUnit.Property(MaxTest = 1000)]
    public Property A_selector_that_matches_is_one_of_the_search_and_nothing_else_matches() => Prop.ForAll(
        Identities().ToArbitrary(),
        Identities().ToArbitrary(),
        (identity, other) => Selector.Search(other).All(
            selector => selector.Matches(identity) == Selector.Search(identity).Contains(selector)
                && selector.Matches(identity) == (selector.LevelsAbove(identity) >= 0)));

    [FsCheck.NUnit.Property(MaxTest = 1000)]
    public Property Identities_and_selectors_survive_being_written_and_read() => Prop.ForAll(
        Identities().ToArbitrary(),
        identity => DoNai.Parse(identity.ToString()).Equals(identity)
            && DoNai.Parse(identity.ToString().ToUpperInvariant()).Equals(identity)
            && Selector.Search(identity).All(selector => Selector.Parse(selector.ToString()).Equals(selector)
                && Selector.Parse(selector.Key).Equals(selector)));

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property Any_text_is_read_or_refused_without_an_exception() => Prop.ForAll<string>(text =>
    {
        bool identity = DoNai.TryParse(text, out DoNai? read);
        bool selector = Selector.TryParse(text, out Selector? concrete);
        return !identity || (selector && concrete!.Matches(read!));
    });

    private static Gen<DoNai> Identities() =>
        from user in Gen.Elements<string?>(null, null, "john", "Mary", "o'neil", "jürgen")
        from labels in Gen.Elements("a", "b", "www", "example", "com", "b-c", "xn--bcher-kva").ListOf()
        select DoNai.Parse((user is null ? "" : user + "@") + string.Join('.', labels.Take(5).DefaultIfEmpty("localhost")));
}
