using NUnit.Framework;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Tests.Actors.Management;

/// <summary>What every operation keeps to, whoever adds one.</summary>
[Parallelizable]
public sealed class OperationCatalogueTests
{
    private static IReadOnlyList<Operation> All => OperationCatalogue.All;

    [Test]
    public void Names_are_noun_and_verb_and_found()
    {
        Assert.That(All.Select(operation => operation.Name), Is.Unique.And.All.Match("^[a-z]+\\.[a-z]+$"));
        foreach (Operation operation in All)
            Assert.That(OperationCatalogue.Find(operation.Name), Is.SameAs(operation));
        Assert.That(OperationCatalogue.Find("session.steal"), Is.Null);
    }

    [Test]
    public void Viewers_change_nothing_and_changes_say_what_was_done()
    {
        Assert.That(All.Where(operation => operation.IsChange).Select(operation => operation.Role), Is.All.GreaterThanOrEqualTo(ManagementRole.Operator));
        Assert.That(All.Where(operation => operation.IsChange).Select(operation => operation.Result.Type), Is.All.EqualTo(typeof(Done)));
        Assert.That(All.Where(operation => !operation.IsChange).Select(operation => operation.Role), Is.All.EqualTo(ManagementRole.Viewer));
    }

    [Test]
    public void What_cannot_be_undone_is_confirmed_by_something_that_is_given()
    {
        foreach (Operation operation in All.Where(operation => operation.Confirms is not null))
            Assert.That(operation.Parameters.Where(parameter => parameter.IsRequired).Select(parameter => parameter.Name), Does.Contain(operation.Confirms), operation.Name);
        Assert.That(
            All.Where(operation => operation.Verb is "remove" or "close" or "drain" or "leave" or "down" or "logout").Select(operation => operation.Confirms),
            Is.All.Not.Null);
    }

    [Test]
    public void Answers_of_all_nodes_can_be_put_together() => Assert.That(
        All.Where(operation => operation.Scope == OperationScope.AllNodes).Select(operation => operation.Merge), Is.All.Not.Null);

    [Test]
    public void Lists_come_in_parts() => Assert.That(
        All.Where(operation => operation.Verb is "list" or "overview").Select(operation => operation.Parameters.Select(parameter => parameter.Name)),
        Is.All.SupersetOf(new[] { "limit", "after" }));
}
