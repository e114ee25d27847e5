using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using TlsPool.Actors.Disclosure;
using TlsPool.Protocol.Identities;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>Whatever happens on three hosts, in whichever order they hear of it: when all have heard all, all have the same.</summary>
[TestFixture]
public sealed class ReplicaConvergence
{
    private static readonly string[] Users = ["x", "y", "z"];
    private static readonly string[] Names = ["a", "b", "c"];
    private static readonly Selector Remote = Selector.Parse(".example.com");

    [FsCheck.NUnit.Property(MaxTest = 12)]
    public Property Replicas_become_the_same() => Prop.ForAll(Steps().ToArbitrary(), steps =>
    {
        // One has a policy before it joins.
        ReplicaNode[] nodes = [.. Names.Select(name => new ReplicaNode(name, opens: name != "a"))];
        try
        {
            nodes[0].Trust.Add([ReplicaNode.Anchor("x", "a"), ReplicaNode.Anchor("y", "a")]);
            nodes[0].Open();
            foreach ((int host, int action, int argument) in steps)
                Act(nodes, host, action, argument);
            ReplicaNode.Exchange(nodes);
            return nodes.All(node => node.Policy() == nodes[0].Policy() && node.Journal() == nodes[0].Journal())
                && nodes.All(node => Order(node) == Order(nodes[0]));
        }
        finally
        {
            foreach (ReplicaNode node in nodes)
                node.Dispose();
        }
    });

    private static void Act(ReplicaNode[] nodes, int host, int action, int argument)
    {
        ReplicaNode node = nodes[host], other = nodes[(host + 1 + (argument % 2)) % nodes.Length];
        string user = Users[argument % Users.Length];
        switch (action)
        {
            case 0:
                node.Trust.Add([ReplicaNode.Anchor(user, $"{node.Name}{argument}")]);
                break;
            case 1:
                node.Trust.Remove([ReplicaNode.Anchor(user).Fingerprint]);
                break;
            case 2:
                node.Access.TryAdd(ReplicaNode.Rule(".example.com", argument % 2 == 0 ? null : (uint)argument));
                break;
            case 3:
                node.Access.Remove(node.Access.List(out _).Take(1).Select(rule => rule.Id));
                break;
            case 4:
                node.Disclosure.Add(Remote, [ReplicaNode.Shown(user), Disclosed.Nobody], atFront: argument % 2 == 0);
                break;
            case 5:
                node.Disclosure.Apply(new DisclosureChange(Remote, ReplicaNode.Shown(user), argument % 2 == 0, Adds: true, Moves: true));
                break;
            case 6:
                node.Disclosure.Remove(Remote.Key, argument % 5 == 0 ? [] : [ReplicaNode.Shown(user)]);
                break;
            case 7:
                node.Identities.TryAdd(ReplicaNode.Identity($"{user}.example.com", argument % 4));
                break;
            case 8:
                node.Identities.Remove(node.Identities.List().Skip(argument % 2).Take(1).Select(identity => identity.Id));
                break;
            case 9:
                node.Skew(TimeSpan.FromMinutes(argument));
                break;
            case 10:
                node.Pull(other, maxRecords: 1 + argument);
                break;
            default:
                node.PullAll(other, argument);
                break;
        }
    }

    private static string Order(ReplicaNode node) => string.Join(
        ' ',
        node.Identities.List().Select(identity => Convert.ToHexString(identity.Fingerprint.Span))
            .Concat(node.Disclosure.List(out _).Select(entry => entry.Shown.Key)));

    private static Gen<(int Host, int Action, int Argument)[]> Steps() =>
        Gen.Choose(0, 2).SelectMany(host => Gen.Choose(0, 11).SelectMany(action => Gen.Choose(0, 30).Select(argument => (host, action, argument))))
            .ArrayOf(40);
}
