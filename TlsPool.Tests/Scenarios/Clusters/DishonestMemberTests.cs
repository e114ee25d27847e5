using System.Text;
using NUnit.Framework;
using TlsPool.Tests.Actors.Cluster.Transport;
using static TlsPool.Tests.Actors.Cluster.Transport.AkkaFrames;

namespace TlsPool.Tests.Scenarios.Clusters;

/// <summary>A member with a good certificate that says what no honest one says.</summary>
[Parallelizable]
public sealed class DishonestMemberTests : HostileFixture
{
    private string Here => PathOf(AddressOf(Victim), "user/membership");

    [Test]
    public async Task Garbage_ends_the_connection() => await EndsAsync(member => member.SendAsync(Encoding.ASCII.GetBytes("garbage")), associated: false);

    [Test]
    public async Task An_empty_frame_ends_the_connection() => await EndsAsync(member => member.SendAsync([]));

    [Test]
    public async Task A_frame_of_an_enormous_length_ends_the_connection() => await EndsAsync(member => member.SendRawAsync([0x7F, 0xFF, 0xFF, 0xFF, 1, 2, 3]));

    [Test]
    public async Task A_frame_of_a_negative_length_ends_the_connection() => await EndsAsync(member => member.SendRawAsync([0xFF, 0xFF, 0xFF, 0xFF]));

    [Test]
    public async Task Who_associates_as_another_member_is_sent_away() =>
        await EndsAsync(member => member.SendAsync(Associate(AddressOf(Cluster.Hosts[1]))), associated: false);

    [Test]
    public async Task Who_sends_as_another_member_is_sent_away() =>
        await EndsAsync(member => member.SendAsync(Payload(Here, PathOf(AddressOf(Cluster.Hosts[1]), "user/membership"))));

    [Test]
    public async Task Who_sends_to_another_member_is_sent_away() =>
        await EndsAsync(member => member.SendAsync(Payload(PathOf(AddressOf(Cluster.Hosts[1]), "user/membership"), null)));

    [Test]
    public async Task Objects_of_foreign_types_are_dropped()
    {
        await using ForeignPeer member = await MemberAsync();
        await AssociateAsync(member);
        byte[] gadget = Encoding.UTF8.GetBytes("""{"$type":"System.IO.FileInfo, System.Private.CoreLib","fileName":"x"}""");
        foreach (int serializer in (int[])[1, -5, 2, 3, 36, 4711])
            await member.SendAsync(Payload(Here, null, serializer, "System.IO.FileInfo, System.Private.CoreLib", gadget));
        await member.SendAsync(Payload(Here, null, 16, "STF", Bytes(1, Text(1, "System.IO.FileInfo, System.Private.CoreLib"))));
        await member.SendAsync(Payload(Here, null, 16, "PP", []));
        await member.SendAsync(Payload(Here, null, 22, "Akka.Dispatch.SysMsg.Terminate, Akka", []));
        await member.SendAsync(Payload(PathOf(AddressOf(Victim), "remote"), null, 3, "", gadget));
        await member.SendAsync(Payload(Here, null, 7214, "no such message", gadget));
        await ExpectServiceAsync();
    }

    [Test]
    public async Task A_member_that_floods_with_what_cannot_be_read_slows_nobody()
    {
        await using ForeignPeer member = await MemberAsync();
        await AssociateAsync(member);
        byte[] frame = Payload(Here, null, 7214, "no such message", new byte[1000]);
        int lines = VictimProcess.Log.Split('\n').Length;
        await ServesDuringAsync(Task.Run(async () =>
        {
            for (int i = 0; i < 5000; i++)
                await member.SendAsync(frame);
        }));
        Assert.That(VictimProcess.Log.Split('\n').Length - lines, Is.LessThan(200), "lines in the log");
    }

    [Test]
    public async Task A_member_that_connects_and_says_nothing_is_sent_away()
    {
        var members = new List<ForeignPeer>();
        try
        {
            for (int i = 0; i < 30; i++)
                members.Add(await MemberAsync());
            await ServesDuringAsync(Task.WhenAll(members.Select(member => member.EndsAsync())));
        }
        finally
        {
            foreach (ForeignPeer member in members)
                await member.DisposeAsync();
        }
    }

    private async Task EndsAsync(Func<ForeignPeer, Task> say, bool associated = true)
    {
        await using ForeignPeer member = await MemberAsync();
        if (associated)
            await AssociateAsync(member);
        await say(member);
        await member.EndsAsync();
        await VictimProcess.WaitForLogAsync($"the connection with {Third} is closed: ");
    }
}
