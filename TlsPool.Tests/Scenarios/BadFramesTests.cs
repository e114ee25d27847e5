using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using Layout = TlsPool.Protocol.Frames.FrameLayout;

namespace TlsPool.Tests.Scenarios;

/// <summary>Frames that are cut, glued together, wrong or too many (behaviour.md, "Frames and connections").</summary>
[Parallelizable]
public sealed class BadFramesTests : UnharmedPoolFixture
{
    private static IEnumerable<TestCaseData> StringFields()
    {
        yield return Field(Command.Ping, Layout.Ping.Producer, Layout.Ping.ProducerSize);
        yield return Field(Command.StartTls, Layout.StartTls.LocalId, Layout.IdentitySize);
        yield return Field(Command.StartTls, Layout.StartTls.RemoteId, Layout.IdentitySize);
        yield return Field(Command.PinEntry, Layout.PinEntry.Pin, Layout.PinEntry.PinSize);
        yield return Field(Command.PinEntry, Layout.PinEntry.Prompt, Layout.IdentitySize);
        yield return Field(Command.PinEntry, Layout.PinEntry.TokenManufacturer, Layout.PinEntry.ManufacturerSize);
        yield return Field(Command.PinEntry, Layout.PinEntry.TokenModel, Layout.PinEntry.ModelSize);
        yield return Field(Command.PinEntry, Layout.PinEntry.TokenSerial, Layout.PinEntry.SerialSize);
        yield return Field(Command.PinEntry, Layout.PinEntry.TokenLabel, Layout.PinEntry.LabelSize);
        yield return Field(Command.LidEntryRegister, Layout.LidEntry.LocalId, Layout.IdentitySize);
        yield return Field(Command.LidEntryRegister, Layout.LidEntry.RemoteId, Layout.IdentitySize);
        yield return Field(Command.ControlDetach, Layout.Control.Name, Layout.IdentitySize);
        yield return Field(Command.ControlReattach, Layout.Control.Name, Layout.IdentitySize);

        static TestCaseData Field(Command command, int offset, int size) => new(command, offset, size);
    }

    [Test]
    public void Frames_in_single_bytes_are_frames()
    {
        using var application = new RawApplication(Pool.SocketPath);
        byte[] ping = Ping(7);
        foreach (byte one in ping)
            application.SendBytes([one]);
        Assert.That(application.Receive(), Is.EqualTo(new Frame(7, 0, Command.Ping, new PingMessage(PingMessage.IdentityV2, Facilities.StartTls))));
    }

    [Test]
    public void Frames_in_one_piece_are_frames()
    {
        using var application = new RawApplication(Pool.SocketPath);
        application.SendBytes([.. Enumerable.Range(1, 100).SelectMany(number => Ping((ushort)number))]);
        ushort[] answered = [.. Enumerable.Range(1, 100).Select(_ => application.Receive().RequestId)];
        Assert.That(answered, Is.EquivalentTo(Enumerable.Range(1, 100)));
    }

    [Test]
    public void A_descriptor_belongs_to_the_frame_whose_bytes_it_came_with()
    {
        using var application = new RawApplication(Pool.SocketPath);
        (Socket ours, Socket pools) = RawApplication.TcpPair();
        byte[] start = RawApplication.Bytes(2, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example", timeout: 60_000));
        using (ours)
        {
            using (pools)
            {
                // The end of one frame, the start of the next, and the descriptor with its middle.
                application.SendBytes([.. Ping(1), .. start.AsSpan(0, 100)]);
                application.SendBytes(start.AsSpan(100, 1), (int)pools.Handle);
                application.SendBytes([.. start.AsSpan(101), .. Ping(3)]);
            }
            Assert.That(new[] { application.Receive().RequestId, application.Receive().RequestId }, Is.EquivalentTo(new[] { 1, 3 }));
        }
        Assert.That(application.ReceiveError(2), Is.EqualTo(PoolError.StirredNotShaken));
    }

    [Test]
    public void Garbage_is_answered_with_errors_or_the_end()
    {
        var random = new Random(4711);
        for (int round = 0; round < 50; round++)
        {
            using var application = new RawApplication(Pool.SocketPath);
            byte[] garbage = new byte[Frame.Size * 5 + random.Next(Frame.Size)];
            random.NextBytes(garbage);
            application.SendBytes(garbage);
            application.Socket.Shutdown(SocketShutdown.Send);
            DrainErrors(application);
        }
    }

    [Test]
    public void Every_undefined_command_is_refused()
    {
        using var application = new RawApplication(Pool.SocketPath);
        HashSet<uint> defined = [.. Enum.GetValues<Command>().Select(command => (uint)command)];
        var random = new Random(42);
        IEnumerable<uint> undefined = Enumerable.Range(0, 0x400).Select(number => (uint)number)
            .Concat(Enumerable.Range(0, 32).Select(bit => 1u << bit))
            .Concat(defined.Where(number => number != 0).Select(number => number | (uint)Command.Local))
            .Concat(Enumerable.Range(0, 500).Select(_ => (uint)random.NextInt64(1L << 32)))
            .Append(uint.MaxValue)
            .Where(number => !defined.Contains(number) || number == (uint)Command.Local);
        foreach (uint number in undefined)
        {
            byte[] frame = Ping(9);
            BitConverter.GetBytes(number).CopyTo(frame, Layout.Header.Command);
            application.SendBytes(frame);
            Assert.That(application.ReceiveError(9), Is.EqualTo(PoolError.CommandUnknown), $"command {number:x}");
        }
        Assert.That(application.Ping());
    }

    [TestCase(Command.Success)]
    [TestCase(Command.Error)]
    [TestCase(Command.StartTlsLocalId)]
    [TestCase(Command.PlaintextConnect)]
    [TestCase(Command.LidEntryCallback)]
    public void What_only_answers_is_no_request(Command command)
    {
        using var application = new RawApplication(Pool.SocketPath);
        byte[] frame = new byte[Frame.Size];
        frame[0] = 9;
        BitConverter.GetBytes((uint)command).CopyTo(frame, Layout.Header.Command);
        application.SendBytes(frame);
        Assert.That(application.ReceiveError(9), Is.EqualTo(PoolError.CommandNeeded).Or.EqualTo(PoolError.CommandBadCallbackResponse));
        Assert.That(application.Ping());
    }

    [TestCase(Command.Prng)]
    [TestCase(Command.Info)]
    [TestCase(Command.ControlDetach)]
    [TestCase(Command.ControlReattach)]
    public void Commands_about_a_session_need_its_key(Command command)
    {
        using var application = new RawApplication(Pool.SocketPath);
        byte[] frame = new byte[Frame.Size];
        frame[0] = 9;
        BitConverter.GetBytes((uint)command).CopyTo(frame, Layout.Header.Command);
        application.SendBytes(frame);
        Assert.That(application.ReceiveError(9), Is.EqualTo(PoolError.ControlKeyNotFound));
    }

    [TestCaseSource(nameof(StringFields))]
    public void A_string_without_an_end_is_refused(Command command, int offset, int size)
    {
        using var application = new RawApplication(Pool.SocketPath);
        byte[] frame = new byte[Frame.Size];
        frame[0] = 9;
        BitConverter.GetBytes((uint)command).CopyTo(frame, Layout.Header.Command);
        frame.AsSpan(Frame.BodyOffset + offset, size).Fill((byte)'x');
        application.SendBytes(frame);
        Frame answer = application.Receive();
        Assert.That(answer, Has.Property(nameof(Frame.RequestId)).EqualTo(9).And.Property(nameof(Frame.Command)).EqualTo(Command.Error));
        Assert.That(((ErrorMessage)answer.Body).Text, Does.Not.Contain("xxx"));
        Assert.That(application.Ping());
    }

    [Test]
    public async Task Undefined_flags_are_ignored()
    {
        using var application = new RawApplication(Pool.SocketPath);
        await using TlsPoolClient other = Pool.Client();
        (Task<TlsSession> asking, Frame last) = StartUntil(application, other, Command.StartTls, (StartTlsFlags)0xfff800f0);
        Assert.That(last.CallbackId, Is.Zero);
        using TlsSession session = await asking.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Test]
    public void A_client_that_closes_its_sending_side_gets_its_answers()
    {
        using var application = new RawApplication(Pool.SocketPath);
        application.SendBytes([.. Ping(1), .. Ping(2), .. Ping(3)]);
        application.Socket.Shutdown(SocketShutdown.Send);
        Assert.That(Enumerable.Range(0, 3).Select(_ => application.Receive().RequestId), Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That(application.IsClosedByPool());
    }

    [Test]
    public void A_client_that_closes_its_receiving_side_loses_only_itself()
    {
        using var application = new RawApplication(Pool.SocketPath);
        application.Socket.Shutdown(SocketShutdown.Receive);
        try
        {
            for (int i = 0; i < 1000; i++)
                application.Socket.Send(Ping(1));
        }
        catch (SocketException)
        {
            // The pool has noticed.
            return;
        }
    }

    [Test]
    public void An_end_in_the_middle_of_a_frame_with_a_descriptor_leaks_nothing()
    {
        for (int i = 0; i < 100; i++)
        {
            using var application = new RawApplication(Pool.SocketPath);
            (Socket ours, Socket pools) = RawApplication.TcpPair();
            using (ours)
            using (pools)
                application.SendBytes(Ping(1).AsSpan(0, 100 + i), (int)pools.Handle);
        }
    }

    [Test]
    public void A_number_that_is_in_use_twice_is_answered_twice()
    {
        using var application = new RawApplication(Pool.SocketPath);
        using Socket one = StartSilent(application, 5, timeout: 60_000);
        using Socket two = StartSilent(application, 5, timeout: 60_000);
        application.SendBytes(Ping(5));
        Assert.That(application.Receive().Command, Is.EqualTo(Command.Ping));
        one.Dispose();
        two.Dispose();
        Assert.That(application.ReceiveError(5), Is.EqualTo(PoolError.StirredNotShaken));
        Assert.That(application.ReceiveError(5), Is.EqualTo(PoolError.StirredNotShaken));
    }

    private static void DrainErrors(RawApplication application)
    {
        try
        {
            while (true)
                Assert.That(application.Receive().Command, Is.EqualTo(Command.Error));
        }
        catch (Exception ended) when (ended is EndOfStreamException or SocketException)
        {
            return;
        }
    }
}
