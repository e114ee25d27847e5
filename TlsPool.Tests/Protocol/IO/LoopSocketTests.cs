using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.IO;
using TlsPool.Tests.Protocol.Client;

namespace TlsPool.Tests.Protocol.IO;

[TestFixture]
public sealed class LoopSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private EventLoop _loop = null!;
    private LoopSocket _socket = null!;
    private Socket _peer = null!;

    [SetUp]
    public void Start()
    {
        _loop = new EventLoop("loop-socket-test");
        (SafeDescriptor near, SafeDescriptor far) = SocketPair.Create();
        _socket = new LoopSocket(_loop, near);
        _peer = Descriptors.ToSocket(far);
    }

    [TearDown]
    public void Stop()
    {
        _socket.Dispose();
        _peer.Dispose();
        _loop.Dispose();
    }

    [Test]
    public async Task Takes_a_line_and_leaves_what_follows_for_the_next_owner()
    {
        await _peer.SendAsync("one\ntwo"u8.ToArray());
        Assert.That(await _socket.ReceiveThroughAsync((byte)'\n', 100, default).WaitAsync(Patience), Is.EqualTo("one\n"u8.ToArray()));
        using Socket next = Descriptors.ToSocket(await _socket.ReleaseAsync());
        byte[] rest = new byte[10];
        Assert.That(Encoding.ASCII.GetString(rest, 0, await next.ReceiveAsync(rest)), Is.EqualTo("two"));
    }

    [Test]
    public async Task A_line_that_does_not_end_is_refused()
    {
        await _peer.SendAsync(new byte[200]);
        await Assert.ThrowsAsync<InvalidDataException>(() => _socket.ReceiveThroughAsync((byte)'\n', 100, default).WaitAsync(Patience));
    }

    [Test]
    public async Task A_reader_that_waits_fails_when_the_socket_is_closed()
    {
        Task<int> reading = _socket.ReceiveAsync(new byte[1], CancellationToken.None);
        Assert.That(reading.IsCompleted, Is.False);
        _socket.Dispose();
        await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(Patience));
    }

    [Test]
    public async Task A_reader_that_waits_fails_when_the_socket_is_handed_on()
    {
        Task<int> reading = _socket.ReceiveAsync(new byte[1], CancellationToken.None);
        using Socket next = Descriptors.ToSocket(await _socket.ReleaseAsync());
        await Assert.ThrowsAsync<IOException>(() => reading.WaitAsync(Patience));
        await _peer.SendAsync(new byte[] { 42 });
        byte[] got = new byte[1];
        Assert.That((await next.ReceiveAsync(got), got[0]), Is.EqualTo((1, (byte)42)));
    }

    // Otherwise the bytes of one connection reach the next one that gets the number.
    [Test]
    public async Task A_closed_socket_never_touches_who_has_its_number_now()
    {
        int number = _socket.Descriptor.Number;
        _socket.Dispose();
        Assert.That(() => _socket.Descriptor.IsClosed, Is.True.After(20_000, 5));
        var others = new List<(SafeDescriptor First, SafeDescriptor Second)>();
        do
            others.Add(SocketPair.Create());
        while (others.Count < 1000 && !others.Exists(pair => pair.First.Number == number || pair.Second.Number == number));
        (SafeDescriptor first, SafeDescriptor second) = others[^1];
        Assume.That(first.Number == number || second.Number == number, Is.True, "another thread was faster");
        await Assert.ThrowsAsync<IOException>(() => _socket.SendAsync("secret"u8.ToArray(), default).WaitAsync(Patience));
        await Assert.ThrowsAsync<IOException>(() => _socket.ReceiveAsync(new byte[1], default).WaitAsync(Patience));
        Assert.That(SocketCalls.Receive(first.Number == number ? second.Number : first.Number, new byte[10]), Is.EqualTo(SocketCalls.WouldBlock));
        others.ForEach(pair =>
        {
            pair.First.Dispose();
            pair.Second.Dispose();
        });
    }
}
