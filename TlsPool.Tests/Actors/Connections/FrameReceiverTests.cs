using System.Net.Sockets;
using Akka.TestKit;
using NUnit.Framework;
using TlsPool.Actors.Connections;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;
using TlsPool.Tests.Protocol.Client;

namespace TlsPool.Tests.Actors.Connections;

public sealed class FrameReceiverTests : AkkaFixture
{
    [Test]
    public void An_application_that_sends_faster_than_its_actor_works_is_held_up_and_loses_nothing()
    {
        using var loop = new EventLoop("receiver");
        TestProbe actor = Kit.CreateTestProbe();
        var receiver = new FrameReceiver(actor.Ref);
        (SafeDescriptor near, SafeDescriptor far) = SocketPair.Create();
        using Socket application = Descriptors.ToSocket(near);
        FrameConnection connection = FrameConnection.Start(loop, far, receiver);
        byte[] frame = new byte[Frame.Size];
        FrameCodec.Encode(new Frame(1, 0, Command.Ping, new PingMessage("", Facilities.None)), frame);

        int sent = 0;
        while (application.Poll(500_000, SelectMode.SelectWrite) && sent < 20_000)
        {
            application.Send(frame);
            sent++;
        }

        Assert.That(sent, Is.LessThan(20_000), "nothing holds it up");
        for (int handled = 0; handled < sent; handled++)
        {
            actor.ExpectMsg<ConnectionProtocol.FrameArrived>(Patience);
            receiver.Handled();
        }
        connection.Close();
    }

    [Test]
    public void What_others_were_asked_counts_until_they_have_answered()
    {
        using var loop = new EventLoop("receiver");
        TestProbe actor = Kit.CreateTestProbe();
        var receiver = new FrameReceiver(actor.Ref);
        (SafeDescriptor near, SafeDescriptor far) = SocketPair.Create();
        using Socket application = Descriptors.ToSocket(near);
        FrameConnection connection = FrameConnection.Start(loop, far, receiver);
        byte[] frame = new byte[Frame.Size];
        FrameCodec.Encode(new Frame(1, 0, Command.Ping, new PingMessage("", Facilities.None)), frame);
        const int asked = FrameReceiver.MaxWaiting;
        for (int i = 0; i < asked; i++)
        {
            application.Send(frame);
            actor.ExpectMsg<ConnectionProtocol.FrameArrived>(Patience);
            receiver.Retain();
            receiver.Handled();
        }

        application.Send(frame);
        actor.ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        for (int i = 0; i < asked; i++)
            receiver.Handled();
        actor.ExpectMsg<ConnectionProtocol.FrameArrived>(Patience);
        connection.Close();
    }
}
