using System.Formats.Asn1;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>PRNG and INFO: what the client library gets from the daemon is what other TLS libraries compute.</summary>
[Parallelizable]
public sealed class FactsTests
{
    private const string Label = "EXPERIMENTAL-test";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _client = null!;
    private X509Certificate2 _server = null!;
    private X509Certificate2 _user = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _pool = await PoolProcess.StartAsync();
        _server = X509CertificateLoader.LoadCertificateFromFile(await _pool.IdentityAsync("server.example"));
        _user = X509CertificateLoader.LoadCertificateFromFile(await _pool.IdentityAsync("user@client.example", "--role", "client"));
        string source = Path.Combine(AppContext.BaseDirectory, "Protocol", "Applications", "Exporter.c");
        foreach ((string name, string[] options) in new[] { ("openssl", ["-lssl", "-lcrypto"]), ("gnutls", new[] { "-DWITH_GNUTLS", "-lgnutls" }) })
        {
            string program = Path.Combine(_pool.Directory, name);
            (int code, string output) = await ChildProcess.RunAsync("gcc", ["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-o", program, source, .. options]);
            Assert.That(code, Is.Zero, output);
            // A pool in this process may have had another umask at that moment.
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _server.Dispose();
        _user.Dispose();
        await _pool.DisposeAsync();
    }

    [SetUp]
    public async Task Connect() => _client = await TlsPoolClient.ConnectAsync(_pool.SocketPath);

    [TearDown]
    public async Task Disconnect() => await _client.DisposeAsync();

    [TestCase("openssl", "1.2")]
    [TestCase("openssl", "1.3")]
    [TestCase("gnutls", "1.2")]
    [TestCase("gnutls", "1.3")]
    public async Task Keys_and_channel_bindings_are_those_of_the_other_library(string library, string version)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using ChildProcess peer = ChildProcess.Start(Path.Combine(_pool.Directory, library), [port, version]);
        using TlsSession session = await _client.StartTlsAsync(
            await listener.AcceptSocketAsync().WaitAsync(Patience), StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
        var theirs = (await peer.WaitForAsync("done\n")).Split('\n').Select(line => line.Split(' ')).Where(line => line.Length == 2)
            .ToDictionary(line => line[0], line => line[1]);
        ControlKey key = session.ControlKey;
        Assert.That(Convert.ToHexString(await _client.PrngAsync(key, Label, null, 254)), Is.EqualTo(theirs["none"]));
        Assert.That(Convert.ToHexString(await _client.PrngAsync(key, Label, [], 20)), Is.EqualTo(theirs["empty"]));
        Assert.That(Convert.ToHexString(await _client.PrngAsync(key, Label, "some context"u8.ToArray(), 64)), Is.EqualTo(theirs["context"]));
        Assert.That(Convert.ToHexString(await _client.InfoAsync(key, InfoKind.ChannelBindingTlsExporter)), Is.EqualTo(theirs["tls-exporter"]));
        byte[] endPoint = await _client.InfoAsync(key, InfoKind.ChannelBindingTlsServerEndPoint);
        Assert.That(endPoint, Is.EqualTo(SHA256.HashData(_server.RawData)));
        Assert.That(Convert.ToHexString(endPoint), Is.EqualTo(theirs.GetValueOrDefault("tls-server-end-point", Convert.ToHexString(endPoint))));
        if (version == "1.2")
        {
            byte[] unique = Convert.FromHexString(theirs["tls-unique"]);
            Assert.That(await _client.InfoAsync(key, InfoKind.ChannelBindingTlsUnique), Is.EqualTo(unique));
            Assert.That(await _client.CheckInfoAsync(key, InfoKind.ChannelBindingTlsUnique, unique));
            unique[0] ^= 1;
            Assert.That(await _client.CheckInfoAsync(key, InfoKind.ChannelBindingTlsUnique, unique), Is.False);
        }
        else
        {
            Assert.That(await RefusalAsync(_client.InfoAsync(key, InfoKind.ChannelBindingTlsUnique)), Is.EqualTo(PoolError.InfoNotFound), "TLS 1.3 has none");
        }
    }

    [Test]
    public async Task S_client_agrees()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string address = listener.LocalEndpoint.ToString()!;
        await using ChildProcess peer = ChildProcess.Start("openssl", ["s_client", "-connect", address, "-keymatexport", Label, "-keymatexportlen", "32"]);
        using TlsSession session = await _client.StartTlsAsync(
            await listener.AcceptSocketAsync().WaitAsync(Patience), StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
        string keys = Convert.ToHexString(await _client.PrngAsync(session.ControlKey, Label, null, 32));
        await peer.WaitForAsync($"Keying material: {keys}");
    }

    [Test]
    public async Task Both_certificates_tell_subject_issuer_and_alternative_names()
    {
        (TlsSession asking, TlsSession serving) = await PairAsync();
        using (asking)
        using (serving)
        {
            byte[] name = GeneralName(2, "server.example"), mail = GeneralName(1, "user@client.example");
            foreach ((ControlKey key, X509Certificate2 own, X509Certificate2 peer) in new[] { (serving.ControlKey, _server, _user), (asking.ControlKey, _user, _server) })
            {
                Assert.That(await _client.InfoAsync(key, InfoKind.PeerCertSubject), Is.EqualTo(peer.SubjectName.RawData));
                Assert.That(await _client.InfoAsync(key, InfoKind.PeerCertIssuer), Is.EqualTo(peer.IssuerName.RawData));
                Assert.That(await _client.InfoAsync(key, InfoKind.MyCertSubject), Is.EqualTo(own.SubjectName.RawData));
                Assert.That(await _client.InfoAsync(key, InfoKind.MyCertIssuer), Is.EqualTo(own.IssuerName.RawData));
                Assert.That(await _client.CheckInfoAsync(key, InfoKind.MyCertSubject, own.SubjectName.RawData));
                Assert.That(await _client.CheckInfoAsync(key, InfoKind.MyCertSubject, peer.SubjectName.RawData), Is.False);
                Assert.That(await _client.CheckInfoAsync(key, InfoKind.PeerCertSubject, default), Is.False);
            }
            Assert.That(await _client.CheckInfoAsync(serving.ControlKey, InfoKind.MyCertSubjectAltName, name));
            Assert.That(await _client.CheckInfoAsync(asking.ControlKey, InfoKind.PeerCertSubjectAltName, GeneralName(2, "Server.EXAMPLE")));
            Assert.That(await _client.CheckInfoAsync(serving.ControlKey, InfoKind.PeerCertSubjectAltName, mail));
            Assert.That(await _client.CheckInfoAsync(serving.ControlKey, InfoKind.PeerCertSubjectAltName, name), Is.False);
            Assert.That(await _client.CheckInfoAsync(serving.ControlKey, InfoKind.MyCertSubjectAltName, GeneralName(1, "server.example")), Is.False);
            Assert.That(await RefusalAsync(_client.InfoAsync(serving.ControlKey, InfoKind.MyCertSubjectAltName)), Is.EqualTo(PoolError.InfoNotFound));
            Assert.That(await RefusalAsync(_client.InfoAsync(serving.ControlKey, (InfoKind)0x12345678)), Is.EqualTo(PoolError.InfoKindUnknown));
            byte[] binding = await _client.InfoAsync(asking.ControlKey, InfoKind.ChannelBindingTlsExporter);
            Assert.That(await _client.CheckInfoAsync(serving.ControlKey, InfoKind.ChannelBindingTlsExporter, binding));
        }
    }

    [Test]
    public async Task A_side_that_showed_no_certificate_has_none_to_tell_of()
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.IgnoreRemoteId));
        using TlsSession asking = await _client.StartTlsAsync(far, StartTlsOptions.Client("server.example")).WaitAsync(Patience);
        using TlsSession served = await serving.WaitAsync(Patience);
        foreach (InfoKind kind in new[] { InfoKind.PeerCertSubject, InfoKind.PeerCertIssuer })
            Assert.That(await RefusalAsync(_client.InfoAsync(served.ControlKey, kind)), Is.EqualTo(PoolError.InfoNotFound));
        foreach (InfoKind kind in new[] { InfoKind.MyCertSubject, InfoKind.MyCertIssuer })
            Assert.That(await RefusalAsync(_client.InfoAsync(asking.ControlKey, kind)), Is.EqualTo(PoolError.InfoNotFound));
        Assert.That(await _client.CheckInfoAsync(served.ControlKey, InfoKind.PeerCertSubjectAltName, GeneralName(2, "server.example")), Is.False);
    }

    [Test]
    public async Task Labels_lengths_and_controllers_are_checked()
    {
        (TlsSession asking, TlsSession serving) = await PairAsync();
        await using TlsPoolClient other = await TlsPoolClient.ConnectAsync(_pool.SocketPath);
        using (asking)
        using (serving)
        {
            ControlKey key = serving.ControlKey;
            foreach (string label in new[] { "", "key expansion", "master secret", "client finished", "EXPORTER-mine", "experimental", "EXPERIMENTA", "schlüssel" })
                Assert.That(await RefusalAsync(_client.PrngAsync(key, label, null, 16)), Is.EqualTo(PoolError.PrngUnavailable), label);
            foreach (string label in new[] { "EXPERIMENTAL", "client EAP encryption", "EXPORTER-network-time-security", "EXPERIMENTAL" + new string('x', 237) })
                Assert.That(await _client.PrngAsync(key, label, null, 16), Has.Length.EqualTo(16), label);
            Assert.That(await RefusalAsync(_client.PrngAsync(key, "EXPERIMENTAL" + new string('x', 238), null, 16)), Is.EqualTo(PoolError.PrngUnavailable), "no room for it in TLS 1.3");
            Assert.That(await _client.PrngAsync(key, Label, null, 0), Is.Empty);
            using (var raw = new RawApplication(_pool.SocketPath))
            {
                short[][] bad = [[-1, 0, 16], [255, 0, 16], [17, 255, 16], [17, -1, 255], [17, -1, -1], [254, 200, 16]];
                foreach (short[] lengths in bad)
                {
                    raw.Send(1, 0, Command.Prng, new PrngMessage(lengths[0], lengths[1], lengths[2], new byte[300]));
                    Assert.That(raw.ReceiveError(1), Is.EqualTo(PoolError.PrngUnavailable), string.Join(' ', lengths));
                }
            }
            foreach ((TlsPoolClient who, PoolError error) in new[] { (other, PoolError.ControlKeyNotYours), (_client, PoolError.ControlKeyDetached) })
            {
                Assert.That(await RefusalAsync(who.PrngAsync(key, Label, null, 16)), Is.EqualTo(error));
                Assert.That(await RefusalAsync(who.InfoAsync(key, InfoKind.MyCertSubject)), Is.EqualTo(error));
                if (who == other)
                    await _client.DetachAsync(key).WaitAsync(Patience);
            }
            Assert.That(await RefusalAsync(_client.PrngAsync(ControlKey.Random(), Label, null, 16)), Is.EqualTo(PoolError.ControlKeyNotFound));
            Assert.That(await RefusalAsync(_client.InfoAsync(default, InfoKind.MyCertSubject)), Is.EqualTo(PoolError.ControlKeyNotFound));
        }
        await Installation.WaitAsync(
            () => _pool.RunAsync("audit", "query", "--kind", "session-control", "--decision", "refused").GetAwaiter().GetResult() is var trail
                && trail.Contains("keying material exported", StringComparison.Ordinal) && trail.Contains("INFO MyCertSubject", StringComparison.Ordinal),
            "refusals are recorded");
    }

    private async Task<(TlsSession Asking, TlsSession Serving)> PairAsync()
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server("server.example", StartTlsFlags.None));
        TlsSession asking = await _client.StartTlsAsync(far, StartTlsOptions.Client("server.example") with { LocalId = "user@client.example" }).WaitAsync(Patience);
        return (asking, await serving.WaitAsync(Patience));
    }

    private static byte[] GeneralName(int tag, string text)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteCharacterString(UniversalTagNumber.IA5String, text, new Asn1Tag(TagClass.ContextSpecific, tag));
        return writer.Encode();
    }

    private static async Task<PoolError> RefusalAsync(Task refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;
}
