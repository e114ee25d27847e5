using System.Diagnostics;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>People at one host enter PINs, and choose local identities, for another.</summary>
[Parallelizable]
public sealed class PeopleTests
{
    private const string First = "4410-the-first-pin";
    private const string Second = "4411-the-second-pin";
    private const string Shared = "PIN entry is shared with other nodes";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(300);

    [Test]
    public async Task A_person_at_another_host_enters_PINs_one_person_at_a_time_and_the_next_one_when_that_host_dies()
    {
        Dictionary<string, string> shared = new() { ["one"] = First, ["two"] = Second };
        Dictionary<string, string> own = new() { ["three"] = First };
        await using LockedTokens tokens = await LockedTokens.MakeAsync(new Dictionary<string, string> { ["one"] = First, ["two"] = Second, ["three"] = First });
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(
            4,
            (node, _) => node switch
            {
                0 => "cluster_entry yes\n" + TokenLines("one", "two"),
                3 => TokenLines("three"),
                _ => "cluster_entry yes\n",
            },
            _ => tokens.Environment,
            (node, pool) => node switch
            {
                0 => tokens.PrepareAsync(pool, shared),
                3 => tokens.PrepareAsync(pool, own),
                _ => Task.CompletedTask,
            });
        PoolProcess owner = cluster[0], near = cluster[1], other = cluster[2];
        foreach (PoolProcess node in new[] { owner, near, other })
            await node.WaitForLogAsync(Shared);

        using var enter = new SemaphoreSlim(0);
        await using PinProgram person = await ServeAsync(near, prompt =>
        {
            enter.Wait(Patience);
            return prompt.TokenLabel == "one" ? First : Second;
        });
        await Waiting.ForAsync(() => person.Prompts.Count == 1);
        string first = person.Prompts[0].TokenLabel;
        Assert.That(person.Prompts[0].Prompt, Is.EqualTo($"PIN of {first} at {cluster.Hosts[0]}"));
        await using (var late = new PinProgram(other, _ => First))
        {
            TlsPoolException? full = await Assert.ThrowsAsync<TlsPoolException>(() => late.Serving.WaitAsync(Patience));
            Assert.That(full!.Error, Is.EqualTo(PoolError.PinEntryNotVacant));
            Assert.That(full.Message, Does.Contain($"at {cluster.Hosts[1]} serves PINs already"));
        }

        enter.Release();
        await using (TlsPoolClient client = owner.Client())
        {
            using TlsSession session = await LockedTokens.SessionAsync(client, first).WaitAsync(Patience);
        }
        await owner.WaitForAuditAsync($"PIN entered by a person at {cluster.Hosts[1]}", "--kind", "token-login");
        await Waiting.ForAsync(() => person.Prompts.Count == 2);
        string second = person.Prompts[1].TokenLabel;
        Assert.That(new[] { first, second }, Is.EquivalentTo(new[] { "one", "two" }), "what a host does not share nobody elsewhere is asked about");

        await near.StopDaemonAsync("KILL");
        enter.Release();
        await using PinProgram next = await ServeAsync(other, prompt => prompt.TokenLabel == "one" ? First : Second);
        await Waiting.ForAsync(() => next.Prompts.Count == 1);
        Assert.That(next.Prompts[0].Prompt, Is.EqualTo($"PIN of {second} at {cluster.Hosts[0]}"));
        await using (TlsPoolClient client = owner.Client())
        {
            using TlsSession session = await LockedTokens.SessionAsync(client, second).WaitAsync(Patience);
        }
        await using PinProgram atHome = await ServeAsync(cluster[3], _ => First);
        await Waiting.ForAsync(() => atHome.Prompts.Count == 1);
        Assert.That(atHome.Prompts[0].Prompt, Is.EqualTo("PIN of three"));
        foreach (PoolProcess node in cluster.Nodes)
            Assert.That(node.Log, Does.Not.Contain(First).And.Not.Contains(Second));
    }

    [Test]
    [Category("Soak")]
    public async Task The_node_that_keeps_order_may_die_while_its_person_is_asked()
    {
        Dictionary<string, string> one = new() { ["one"] = First };
        await using LockedTokens tokens = await LockedTokens.MakeAsync(one);
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(
            3,
            (node, _) => "cluster_entry yes\n" + (node == 2 ? TokenLines("one") : ""),
            _ => tokens.Environment,
            (node, pool) => node == 2 ? tokens.PrepareAsync(pool, one) : Task.CompletedTask);
        foreach (PoolProcess node in cluster.Nodes)
            await node.WaitForLogAsync($"{Shared}; node {cluster.Hosts[0]} keeps order");
        using var never = new SemaphoreSlim(0);
        await using PinProgram person = await ServeAsync(cluster[0], _ =>
        {
            never.Wait(Patience);
            return "";
        });
        await Waiting.ForAsync(() => person.Prompts.Count == 1);
        await cluster[0].StopDaemonAsync("KILL");
        never.Release();
        // Whichever of the others is in the cluster for longer.
        foreach (PoolProcess node in cluster.Nodes.Skip(1))
            await node.Daemon.WaitForAsync(log => cluster.Hosts.Skip(1).Any(host => log.Contains($"{Shared}; node {host} keeps order", StringComparison.Ordinal)));
        await using PinProgram next = await ServeAsync(cluster[1], _ => First);
        await using TlsPoolClient client = cluster[2].Client();
        using TlsSession session = await LockedTokens.SessionAsync(client, "one").WaitAsync(Patience);
        Assert.That(next.Prompts[0].Prompt, Is.EqualTo($"PIN of one at {cluster.Hosts[2]}"));
    }

    [Test]
    public async Task A_person_at_another_host_chooses_whom_a_client_is_and_without_that_host_the_rules_decide()
    {
        await using ClusterOfProcesses cluster = await ClusterOfProcesses.StartAsync(2, (_, _) => "cluster_entry yes\n");
        foreach (PoolProcess node in cluster.Nodes)
            await node.WaitForLogAsync("the choice of local identities is shared with other nodes");
        foreach (string identity in new[] { "www.server.example", "john@a.example", "mary@a.example" })
            await cluster[0].IdentityAsync(identity);
        await using TlsPoolClient application = cluster[0].Client();
        var questions = new List<LocalIdQuestion>();
        await using (TlsPoolClient person = cluster[1].Client())
        {
            Task serving = person.ServeLocalIdAsync(
                (question, _) =>
                {
                    questions.Add(question);
                    return ValueTask.FromResult<LocalIdChoice?>(new LocalIdChoice("mary@a.example"));
                },
                LidEntryFlags.None,
                TimeSpan.FromSeconds(60));
            await Waiting.ForAsync(() => cluster.Nodes.Any(node => node.Log.Contains("chooses local identities (", StringComparison.Ordinal)) || serving.IsCompleted);
            Assert.That(await SeenAsync(application), Is.EqualTo("mary@a.example"));
            Assert.That(questions.Select(question => (question.LocalId, question.RemoteId)), Is.EqualTo(new[] { ("john@a.example", "www.server.example") }));
            await cluster[0].WaitForAuditAsync("chosen by the program of uid 0", "--kind", "local-id-choice", "--decision", "allowed");
            Assert.That(await cluster[0].RunAsync("audit", "query", "--kind", "local-id-choice"), Does.Contain($"at {cluster.Hosts[1]}"));

            await using TlsPoolClient second = cluster[0].Client();
            TlsPoolException? full = await Assert.ThrowsAsync<TlsPoolException>(() =>
                second.ServeLocalIdAsync((_, _) => ValueTask.FromResult<LocalIdChoice?>(null), LidEntryFlags.None, TimeSpan.FromSeconds(60)).WaitAsync(Patience));
            Assert.That(full!.Error, Is.EqualTo(PoolError.LidEntryNotVacant));

            await cluster[1].StopDaemonAsync("KILL");
            await serving.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Patience);
        }
        await cluster.ExpectAsync(1, 0);
        await ClusterOfProcesses.WaitAsync(async () => await SeenOrRefusedAsync(application) == "john@a.example", "the rules decide");
    }

    /// <summary>Whoever is asked about while the program's host has died, and nobody knows yet, is refused.</summary>
    private static async Task<string> SeenOrRefusedAsync(TlsPoolClient application)
    {
        try
        {
            return await SeenAsync(application);
        }
        catch (TlsPoolException refused) when (refused.Error == PoolError.ClientRefusesCallback)
        {
            return "";
        }
    }

    private static Task<string> SeenAsync(TlsPoolClient application) => LocalIdSessions.SeenAsync(
        application, StartTlsOptions.Client("www.server.example") with { LocalId = "john@a.example" });

    private static string TokenLines(params string[] labels) =>
        $"pkcs11_path {LockedTokens.SoftHsm}\n" + string.Concat(labels.Select(label => $"pkcs11_token pkcs11:token={label}\n"));

    /// <summary>Starts a program that serves PINs, as soon as it may.</summary>
    private static async Task<PinProgram> ServeAsync(PoolProcess pool, Func<PinPrompt, string> enter)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            var program = new PinProgram(pool, enter);
            await Task.WhenAny(program.Serving, Task.Delay(Glance));
            if (!program.Serving.IsCompleted)
                return program;
            await program.DisposeAsync();
            await Task.Delay(Glance);
            if (Stopwatch.GetElapsedTime(start) > Patience)
                Assert.Fail("a program that serves PINs was turned away for too long");
        }
    }
}
