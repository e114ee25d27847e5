using System.Net.Sockets;
using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Actors.Hosting.Succession;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Hosting;

/// <summary>Ticket keys on their way from one daemon to the next.</summary>
[Parallelizable]
public sealed class SuccessionProtocolTests
{
    [Test]
    public async Task A_ticket_key_arrives_as_it_was_sent()
    {
        (SafeDescriptor near, SafeDescriptor far) = SocketPair.Create();
        using DescriptorChannel sending = Over(near), receiving = Over(far);
        var made = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_123);
        using var key = new TicketKey(ulong.MaxValue - 1, RandomNumberGenerator.GetBytes(TicketKey.SecretSize), made, made.AddSeconds(20));
        SuccessionProtocol.Send(sending, key);
        byte[] block = new byte[DescriptorChannel.MaxText + 1];
        Assert.That(await receiving.ReceiveAsync(block, CancellationToken.None), Is.Null);
        Assert.That((char)block[0], Is.EqualTo(SuccessionProtocol.Ticket));
        using TicketKey? arrived = SuccessionProtocol.ReadTicket(block.AsSpan(1));
        Assert.That((arrived!.Name, arrived.Made, arrived.SealsFrom), Is.EqualTo((key.Name, key.Made, key.SealsFrom)));
        Assert.That(arrived.Secret.SequenceEqual(key.Secret));
    }

    [TestCase(-1, 0)]
    [TestCase(0, long.MinValue)]
    [TestCase(long.MaxValue, 0)]
    [TestCase(0, 253_402_300_800_000)]
    public void Times_that_are_none_make_no_key(long made, long sealsFrom)
    {
        byte[] bytes = new byte[DescriptorChannel.MaxText];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), made);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(16), sealsFrom);
        Assert.That(SuccessionProtocol.ReadTicket(bytes), Is.Null);
    }

    private static DescriptorChannel Over(SafeDescriptor descriptor) => new(new Socket(new SafeSocketHandle(descriptor.Detach(), ownsHandle: true)));
}
