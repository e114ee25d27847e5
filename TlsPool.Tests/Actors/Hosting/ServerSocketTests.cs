using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;

namespace TlsPool.Tests.Actors.Hosting;

[NonParallelizable]
public sealed class ServerSocketTests
{
    private string _directory = "";

    private string SocketPath => Path.Combine(_directory, "pool.sock");

    [SetUp]
    public void Make() => _directory = Directory.CreateTempSubdirectory("tlspool-socket-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [TestCase(0x1B0)]
    [TestCase(0x180)]
    [TestCase(0x1B6)]
    [TestCase(0x1FF)]
    public void A_socket_has_the_mode_that_was_asked_for_and_is_connectable(int mode)
    {
        ServerSocket socket = Create(mode);
        Assert.That((int)File.GetUnixFileMode(SocketPath), Is.EqualTo(mode));
        Connect();
        socket.Descriptor.Dispose();
        socket.RemoveFile();
        Assert.That(Directory.EnumerateFileSystemEntries(_directory), Is.Empty);
    }

    [Test]
    public void A_socket_that_nobody_serves_is_replaced()
    {
        Create().Descriptor.Dispose();
        Assert.That(File.Exists(SocketPath));
        ServerSocket second = Create();
        Connect();
        second.Descriptor.Dispose();
    }

    [Test]
    public void A_socket_that_somebody_serves_is_not_taken()
    {
        ServerSocket first = Create();
        Assert.That(Assert.Throws<DaemonException>(() => Create())!.Message, Does.Contain("a running program serves it"));
        Connect();
        first.Descriptor.Dispose();
    }

    [Test]
    public void The_file_of_a_successor_is_not_removed()
    {
        ServerSocket first = Create();
        first.Descriptor.Dispose();
        ServerSocket second = Create();
        first.RemoveFile();
        Connect();
        second.Descriptor.Dispose();
    }

    [Test]
    public void Neither_files_nor_links_are_replaced()
    {
        string precious = Path.Combine(_directory, "precious");
        File.WriteAllText(precious, "data");
        File.CreateSymbolicLink(SocketPath, precious);
        Assert.That(Assert.Throws<DaemonException>(() => Create())!.Message, Does.Contain("something that is not a socket has this name"));
        File.Delete(SocketPath);
        File.Move(precious, SocketPath);
        Assert.Throws<DaemonException>(() => Create());
        Assert.That(File.ReadAllText(SocketPath), Is.EqualTo("data"));
    }

    [Test]
    public void A_user_that_does_not_exist_leaves_nothing_behind()
    {
        Assert.That(
            Assert.Throws<DaemonException>(() => ServerSocket.Create(new SocketConfiguration(SocketPath, "no-such-user", "", SocketConfiguration.DefaultMode)))!.Message,
            Is.EqualTo("there is no user 'no-such-user' on this machine"));
        Assert.That(Directory.EnumerateFileSystemEntries(_directory), Is.Empty);
    }

    [Test]
    public void A_directory_that_is_not_there_is_named() => Assert.That(
        Assert.Throws<DaemonException>(() => ServerSocket.Create(new SocketConfiguration("/nowhere/pool.sock", "", "", SocketConfiguration.DefaultMode)))!.Message,
        Is.EqualTo("socket_name /nowhere/pool.sock: its directory does not exist"));

    [Test]
    public void Sockets_made_by_several_threads_leave_the_mask_of_the_process_alone()
    {
        const int Threads = 8;
        const int Sockets = 200;
        string before = Umask();
        using var together = new Barrier(Threads);
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(thread => new Thread(() => MakeSockets(thread, Sockets, together)))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.That(Umask(), Is.EqualTo(before));
    }

    private void MakeSockets(int thread, int count, Barrier together)
    {
        together.SignalAndWait();
        for (int i = 0; i < count; i++)
        {
            var configuration = new SocketConfiguration(Path.Combine(_directory, $"{thread}-{i}.sock"), "", "", (UnixFileMode)(thread % 2 == 0 ? 0x1B0 : 0x180));
            ServerSocket.Create(configuration).Descriptor.Dispose();
        }
    }

    private static string Umask() => File.ReadLines("/proc/self/status").First(line => line.StartsWith("Umask:", StringComparison.Ordinal));

    private ServerSocket Create(int mode = 0x1B0) => ServerSocket.Create(new SocketConfiguration(SocketPath, "", "", (UnixFileMode)mode));

    private void Connect()
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(SocketPath));
    }
}
