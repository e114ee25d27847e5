using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A daemon that may open no more files: whoever wants one more is refused, everybody else goes on.</summary>
public sealed class DescriptorExhaustionTests : UnharmedPoolFixture
{
    private const int Room = 24;
    private const int MaxNewcomers = 1000;

    [Test]
    public async Task Out_of_descriptors_newcomers_are_refused_and_the_others_go_on()
    {
        await using TlsPoolClient client = Pool.Client();
        (Socket a, Socket b) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(a, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await client.StartTlsAsync(b, StartTlsOptions.Client("server.example"));
        using TlsSession served = await serving;
        using var resident = new RawApplication(Pool.SocketPath);
        using var unlucky = new RawApplication(Pool.SocketPath);
        Assert.That(resident.Ping() && unlucky.Ping());
        (int soft, int hard) = await LimitAsync();
        var newcomers = new List<RawApplication>();
        try
        {
            await SetLimitAsync(Directory.GetFiles($"/proc/{Pool.Daemon.Id}/fd").Max(Number) + 1 + Room, hard);
            do
            {
                Assert.That(newcomers, Has.Count.LessThan(MaxNewcomers), "everybody is served");
                newcomers.Add(new RawApplication(Pool.SocketPath));
            }
            while (IsServed(newcomers[^1]));
            Assert.That(newcomers, Has.Count.GreaterThan(1), "nobody was served");
            Assert.That(resident.Ping());
            // A descriptor that does not fit is gone, and so is its request's connection, but no other (MSG_CTRUNC).
            (Socket ours, Socket pools) = RawApplication.TcpPair();
            using (ours)
            {
                using (pools)
                    unlucky.Send(1, 0, Command.StartTls, RawApplication.StartTls(ServerFlags, "server.example"), (int)pools.Handle);
                Assert.That(unlucky.IsClosedByPool());
                Assert.That(await EndsAsync(ours));
            }
            Assert.That(resident.Ping());
            asking.Socket.Send("through"u8);
            Assert.That(served.Socket.Receive(new byte[7]), Is.EqualTo(7));

            newcomers.ForEach(newcomer => newcomer.Dispose());
            newcomers.Clear();
            // There is room again.
            await Waiting.ForAsync(() =>
            {
                using var next = new RawApplication(Pool.SocketPath);
                return IsServed(next);
            });
        }
        finally
        {
            newcomers.ForEach(newcomer => newcomer.Dispose());
            await SetLimitAsync(soft, hard);
        }
    }

    private static bool IsServed(RawApplication application)
    {
        application.Socket.ReceiveTimeout = 5000;
        try
        {
            return application.Ping();
        }
        catch (Exception refused) when (refused is SocketException or EndOfStreamException)
        {
            return false;
        }
    }

    private static int Number(string path) => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture);

    private async Task<(int Soft, int Hard)> LimitAsync()
    {
        string line = (await File.ReadAllLinesAsync($"/proc/{Pool.Daemon.Id}/limits")).First(text => text.StartsWith("Max open files", StringComparison.Ordinal));
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (int.Parse(words[3], CultureInfo.InvariantCulture), int.Parse(words[4], CultureInfo.InvariantCulture));
    }

    private async Task SetLimitAsync(int soft, int hard)
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "prlimit", [string.Create(CultureInfo.InvariantCulture, $"--pid={Pool.Daemon.Id}"), string.Create(CultureInfo.InvariantCulture, $"--nofile={soft}:{hard}")]);
        Assert.That(code, Is.Zero, output);
    }
}
