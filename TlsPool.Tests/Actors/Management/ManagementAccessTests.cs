using System.Collections.Immutable;
using NUnit.Framework;
using TlsPool.Actors.Management.Access;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Management;

/// <summary>Who has which role.</summary>
[Parallelizable]
public sealed class ManagementAccessTests
{
    private const uint Daemon = 4711;
    private const uint Nobody = 65534;

    [TestCase(0u, ManagementRole.Admin)]
    [TestCase(Daemon, ManagementRole.Admin)]
    [TestCase(Nobody, ManagementRole.None)]
    public void Root_and_the_daemons_user_may_do_everything_and_others_nothing(uint user, ManagementRole role) =>
        Assert.That(Access().Of(Process(user, 1)).Role, Is.EqualTo(role));

    [Test]
    public void The_highest_role_of_all_lines_counts()
    {
        ManagementAccess access = Access(
            Grant(ManagementRole.Viewer, ManagementGrantKind.User, "nobody"),
            Grant(ManagementRole.Operator, ManagementGrantKind.User, "65534"),
            Grant(ManagementRole.Admin, ManagementGrantKind.User, "1"),
            Grant(ManagementRole.Admin, ManagementGrantKind.User, "no-such-user-here"),
            Grant(ManagementRole.Admin, ManagementGrantKind.Group, "no-such-group-here"));
        Assert.That(access.Of(Process(Nobody, 99)).Role, Is.EqualTo(ManagementRole.Operator));
        Assert.That(access.Of(Process(2, 99)).Role, Is.EqualTo(ManagementRole.None), "an account that is gone gives nobody anything");
    }

    [Test]
    public void A_group_counts_that_is_the_processes_or_the_users()
    {
        // Debian's user daemon is in group daemon, which is its main one.
        ManagementAccess access = Access(Grant(ManagementRole.Viewer, ManagementGrantKind.Group, "daemon"), Grant(ManagementRole.Operator, ManagementGrantKind.Group, "4242"));
        Assert.That(access.Of(Process(1, 99)).Role, Is.EqualTo(ManagementRole.Viewer));
        Assert.That(access.Of(Process(Nobody, 4242)).Role, Is.EqualTo(ManagementRole.Operator));
        Assert.That(access.Of(Process(Nobody, 99)).Role, Is.EqualTo(ManagementRole.None));
    }

    [Test]
    public void An_identity_counts_in_whatever_case_and_users_are_no_identities()
    {
        ManagementAccess access = Access(
            Grant(ManagementRole.Operator, ManagementGrantKind.Identity, "alice@example.com"), Grant(ManagementRole.Admin, ManagementGrantKind.User, "root"));
        Assert.That(access.Of("Alice@EXAMPLE.com").Role, Is.EqualTo(ManagementRole.Operator));
        Assert.That(access.Of("example.com").Role, Is.EqualTo(ManagementRole.None));
        Assert.That(access.Of("root").Role, Is.EqualTo(ManagementRole.None));
        Assert.That(access.Of("").Role, Is.EqualTo(ManagementRole.None));
    }

    [Test]
    public void Lines_that_are_read_again_count_at_once()
    {
        ImmutableArray<ManagementGrant> grants = [];
        var access = new ManagementAccess(() => grants, Daemon);
        Assert.That(access.Of(Process(Nobody, 99)).Role, Is.EqualTo(ManagementRole.None));
        grants = [Grant(ManagementRole.Viewer, ManagementGrantKind.User, "nobody")];
        Assert.That(access.Of(Process(Nobody, 99)).Role, Is.EqualTo(ManagementRole.Viewer));
    }

    private static ManagementAccess Access(params ManagementGrant[] grants) => new(() => [.. grants], Daemon);

    private static ManagementGrant Grant(ManagementRole role, ManagementGrantKind kind, string name) => new(role, kind, name);

    private static PeerCredentials Process(uint user, uint group) => new(42, user, group);
}
