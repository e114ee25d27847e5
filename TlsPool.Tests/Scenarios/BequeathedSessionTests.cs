using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>
/// A session that one process began and another ends: detached by a C program, which is killed, picked up by this one, renewed and used, with
/// an OpenSSL server beyond the network.
/// </summary>
[Parallelizable]
public sealed class BequeathedSessionTests
{
    private const int Lines = 2000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestCase("-tls1_2")]
    [TestCase("-tls1_3")]
    public async Task No_byte_is_lost_when_the_program_dies_that_began_it(string version)
    {
        await using PoolProcess pool = await PoolProcess.StartAsync();
        var openssl = new Openssl(Path.Combine(pool.Directory, "openssl"));
        await openssl.MakeAuthorityAsync();
        await pool.RunAsync("trust", "add", openssl.Authority);
        (string certificate, string key) = await openssl.IssueAsync("peer", "subjectAltName=DNS:peer.example\nextendedKeyUsage=serverAuth\nkeyUsage=digitalSignature");
        await using ChildProcess server = await OpensslServer.StartAsync((certificate, key), "-rev", "-client_renegotiation", version);
        string port = OpensslServer.PortOf(server).ToString(CultureInfo.InvariantCulture);

        using var loop = new EventLoop("heir");
        using var heir = new Heir(loop, Path.Combine(pool.Directory, "heir.sock"));
        await using ChildProcess first = ChildProcess.Start(
            await CompileAsync(pool.Directory), ["bequeath", pool.SocketPath, port, "peer.example", heir.Path]);
        (StartTlsMessage session, SafeDescriptor descriptor) = await heir.Inheritance.WaitAsync(Patience);
        using var plaintext = new Socket(new SafeSocketHandle(descriptor.Detach(), ownsHandle: true));
        Assert.That(first.Output, Does.Contain("remote 'peer.example'").And.Contains("detach command 0\n"));
        first.Signal("KILL");
        await first.ExitAsync();

        await using TlsPoolClient second = pool.Client();
        await second.ReattachAsync(session.ControlKey).WaitAsync(Patience);
        Task<string> reading = ReadAsync(plaintext);
        Task<ValidatedIdentities> renewal = second.RenegotiateAsync(session.ControlKey, StartTlsOptions.Renewal());
        await WriteAsync(plaintext, Lines);
        Assert.That((await renewal.WaitAsync(Patience)).RemoteId, Is.EqualTo("peer.example"));
        await pool.WaitForLogAsync("renewed at the application's wish");
        await WriteAsync(plaintext, 2 * Lines);
        plaintext.Shutdown(SocketShutdown.Send);
        string expected = string.Concat(Enumerable.Range(0, 3 * Lines).Select(Reversed));
        Assert.That(await reading.WaitAsync(Patience), Is.EqualTo(expected));
    }

    private static async Task<string> CompileAsync(string directory)
    {
        string program = Path.Combine(directory, "application");
        (int code, string output) = await ChildProcess.RunAsync(
            "gcc", ["-std=c11", "-Wno-address-of-packed-member", "-o", program, Path.Combine(AppContext.BaseDirectory, "Protocol", "Applications", "Application.c")]);
        Assert.That(code, Is.Zero, output);
        return program;
    }

    private static async Task WriteAsync(Socket plaintext, int from)
    {
        for (int i = from; i < from + Lines; i++)
            await plaintext.SendAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"line {i}\n")));
    }

    private static string Reversed(int line)
    {
        char[] text = string.Create(CultureInfo.InvariantCulture, $"line {line}").ToCharArray();
        Array.Reverse(text);
        return new string(text) + "\n";
    }

    private static async Task<string> ReadAsync(Socket plaintext)
    {
        var text = new StringBuilder();
        byte[] buffer = new byte[16_384];
        for (int got; (got = await plaintext.ReceiveAsync(buffer)) > 0;)
            text.Append(Encoding.ASCII.GetString(buffer, 0, got));
        return text.ToString();
    }

    /// <summary>Takes one frame and its descriptor.</summary>
    private sealed class Heir : IFrameReceiver, IDisposable
    {
        private readonly TaskCompletionSource<(StartTlsMessage Session, SafeDescriptor Plaintext)> _inheritance = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly SocketListener _listener;

        internal Heir(EventLoop loop, string path)
        {
            Path = path;
            _socket.Bind(new UnixDomainSocketEndPoint(path));
            _socket.Listen(1);
            _listener = SocketListener.Start(loop, SafeDescriptor.DuplicateOf(_socket), accepted => FrameConnection.Start(loop, accepted, this));
        }

        internal string Path { get; }

        internal Task<(StartTlsMessage Session, SafeDescriptor Plaintext)> Inheritance => _inheritance.Task;

        public void OnFrame(FrameConnection connection, ReadOnlySpan<byte> frame, SafeDescriptor? descriptor, bool surplus) =>
            _inheritance.TrySetResult(((StartTlsMessage)FrameCodec.Decode(frame).Frame!.Body, descriptor!));

        public void OnClosed(FrameConnection connection, TransportEnd reason) =>
            _inheritance.TrySetException(new EndOfStreamException("nothing was bequeathed"));

        public void Dispose()
        {
            _listener.Close();
            _socket.Dispose();
        }
    }
}
