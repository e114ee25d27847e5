using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Documentation;
using TlsPool.Tests.Processes;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Sequences;

/// <summary>The pages in docs/sequences, one for each exchange: what they show is what the daemon and the client library say here.</summary>
[Parallelizable]
public sealed class SequencePagesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private PoolProcess _pool = null!;
    private TlsPoolClient _other = null!;
    private RecordedPage _page = null!;

    [OneTimeSetUp]
    public async Task StartPool()
    {
        _pool = await PoolProcess.StartAsync();
        await _pool.IdentityAsync("www.example.com");
        await _pool.IdentityAsync("mail.example.com");
        await _pool.IdentityAsync("john@a.example");
        _other = _pool.Client();
    }

    [OneTimeTearDown]
    public async Task StopPool()
    {
        await _other.DisposeAsync();
        await _pool.DisposeAsync();
    }

    [SetUp]
    public void Open() => _page = new RecordedPage(_pool);

    [TearDown]
    public ValueTask Close() => _page.DisposeAsync();

    [Test]
    public async Task Ping()
    {
        await using TlsPoolClient application = _page.Client("application");
        await application.PingAsync().WaitAsync(Patience);
        _page.Check("ping", "PING", "An application learns whom it talks to and which facilities both sides have.");
    }

    [Test]
    public async Task StartTls_as_client()
    {
        await using TlsPoolClient application = _page.Client("application");
        using TlsSession session = await AsClientAsync(application, StartTlsOptions.Client("www.example.com") with { Service = "http" });
        _page.Check("starttls-client", "STARTTLS as a client", """
            The application passes a connected socket with its request. The handshake takes place; then the pool says who is on the other side
            and asks where the plaintext goes. The answer's descriptor is the pool's end of a socket pair.
            """);
    }

    [Test]
    public async Task StartTls_as_server_with_a_check_of_the_local_identity()
    {
        await using TlsPoolClient application = _page.Client("application");
        StartTlsOptions options = StartTlsOptions.Server(flags: StartTlsFlags.IgnoreRemoteId) with
        {
            CheckLocalId = (proposal, _) => ValueTask.FromResult(
                proposal.LocalId.StartsWith("www", StringComparison.Ordinal) ? LocalIdAnswer.Accept() : LocalIdAnswer.Reject),
        };
        using TlsSession session = await AsServerAsync(application, options, StartTlsOptions.Client("www.example.com", StartTlsFlags.WithoutSni));
        _page.Check("starttls-localid-check", "STARTTLS as a server that looks at each local identity", """
            With LOCALID_CHECK the pool proposes one candidate after the other, here because the client did not say whom it wants. An empty
            localid in the answer rejects the candidate; its own name accepts it.
            """);
    }

    [Test]
    public async Task StartTls_that_the_application_gives_up()
    {
        await using TlsPoolClient application = _page.Client("application");
        StartTlsOptions options = StartTlsOptions.Client("www.example.com") with
        {
            ConnectPlaintext = (_, _) => throw new NotSupportedException("nowhere"),
        };
        await Assert.ThrowsAsync<TlsPoolException>(() => AsClientAsync(application, options));
        _page.Check("starttls-refused", "STARTTLS that the application gives up", """
            An ERROR in answer to a callback refuses it. Every request has exactly one final response: it comes when the sockets are closed and
            nothing of the attempt remains.
            """);
    }

    [Test]
    public async Task A_session_changes_hands()
    {
        await using TlsPoolClient second = _page.Client("second");
        TlsPoolClient first = _page.Client("first");
        TlsSession session = await AsClientAsync(first, StartTlsOptions.Client("www.example.com"));
        ControlKey key = session.ControlKey;
        Assert.That(await RefusalAsync(second.ReattachAsync(key)), Is.EqualTo(PoolError.ControlKeyAttached));
        await first.DetachAsync(key).WaitAsync(Patience);
        await first.DisposeAsync();
        await _page.WaitForAsync("first-xpool");
        await second.ReattachAsync(key).WaitAsync(Patience);
        Assert.That(await RefusalAsync(second.ReattachAsync(ControlKey.Random())), Is.EqualTo(PoolError.ControlKeyNotFound));
        session.Dispose();
        _page.Check("detach-reattach", "CONTROL_DETACH and CONTROL_REATTACH", """
            Whoever has the control key of a detached session takes control of it. A session has one controlling connection at most: as long as
            it has one, nobody else gets it.
            """);
    }

    [Test]
    public async Task A_session_outlives_its_program()
    {
        await using TlsPoolClient second = _page.Client("second");
        TlsPoolClient first = _page.Client("first");
        using TlsSession session = await AsClientAsync(first, StartTlsOptions.Client("www.example.com", StartTlsFlags.Fork));
        await first.DisposeAsync();
        await _page.WaitForAsync("first-xpool");
        // The pool learns of the end on its own; asked by somebody who is not on the page.
        while (await RefusalAsync(_other.DetachAsync(session.ControlKey)) != PoolError.ControlKeyDetached)
            await Task.Delay(50);
        await second.ReattachAsync(session.ControlKey).WaitAsync(Patience);
        _page.Check("fork", "STARTTLS with FORK", """
            A session that was made with FORK is detached when the connection that controls it closes. Without FORK it would end with it.
            """);
    }

    [Test]
    public async Task A_person_chooses_a_local_identity()
    {
        await _pool.RunAsync("disclose", "add", ".example.com", "john@a.example", "--nobody");
        try
        {
            await using TlsPoolClient chooser = _page.Client("chooser"), application = _page.Client("application");
            Task serving = chooser.ServeLocalIdAsync(
                (question, _) => ValueTask.FromResult<LocalIdChoice?>(
                    question.RemoteId.StartsWith("mail", StringComparison.Ordinal) ? null : new LocalIdChoice("john@a.example", LidEntryFlags.DbInsert)),
                LidEntryFlags.WantDbEntry,
                TimeSpan.FromSeconds(60));
            await _pool.WaitForLogAsync("chooses local identities (");
            using TlsSession session = await AsClientAsync(application, StartTlsOptions.Client("www.example.com"));
            await Assert.ThrowsAsync<TlsPoolException>(() => AsClientAsync(application, StartTlsOptions.Client("mail.example.com"), "mail.example.com"));
            Assert.That(serving.IsCompleted, Is.False);
            _page.Check("localid-entry", "LIDENTRY", """
                A program that a person sits at chooses whom clients are. Because it asks for them, it is shown the entries of the disclosure
                database first, with the number of levels that each is more general than the remote identity; then it is asked. Its first
                answer here is to be stored, which happens when the handshake has succeeded. A program may refuse, too.
                """);
        }
        finally
        {
            await _pool.RunAsync("disclose", "remove", ".example.com");
            await _pool.TryAsync("disclose", "remove", "www.example.com");
        }
    }

    [Test]
    public async Task A_server_asks_later_who_its_client_is()
    {
        await using TlsPoolClient application = _page.Client("application");
        StartTlsOptions client = StartTlsOptions.Client("www.example.com") with { LocalId = "john@a.example" };
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> asking = _other.StartTlsAsync(far, client);
        using TlsSession session = await application
            .StartTlsAsync(near, StartTlsOptions.Server("www.example.com", StartTlsFlags.IgnoreRemoteId)).WaitAsync(Patience);
        using TlsSession beyond = await asking.WaitAsync(Patience);
        ValidatedIdentities known = await application.RenegotiateAsync(session.ControlKey, StartTlsOptions.Renewal()).WaitAsync(Patience);
        Assert.That(known.RemoteId, Is.EqualTo("john@a.example"));
        Assert.That(await RefusalAsync(application.RenegotiateAsync(ControlKey.Random(), StartTlsOptions.Renewal())), Is.EqualTo(PoolError.RenegotiateNotFound));
        _page.Check("renegotiate", "STARTTLS with RENEGOTIATE", """
            An established session gets new keys, and here the server learns who its client is, which it had not asked for at first. There is no
            descriptor: the control key names the session, and bytes flow on. What the pool and the peer say to each other for it depends on the
            version of TLS (see [renewal](../renewal.md)); the frames do not.
            """);
    }

    [Test]
    public async Task Peers_find_out_who_is_who()
    {
        await using TlsPoolClient application = _page.Client("application");
        using TlsSession session = await AsClientAsync(
            application, StartTlsOptions.Peer("mail.example.com", "www.example.com"), "www.example.com");
        Assert.That(session.Flags & StartTlsFlags.BothRolesPeer, Is.EqualTo(StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer));
        _page.Check("starttls-peer", "STARTTLS as a peer", """
            Who may be client or server says PEER; the flags of the answers tell what became of it. Here the other side can only be the server.
            The handshake decides where both can be either (see [peers](../peers.md)).
            """);
    }

    [Test]
    public async Task Keys_are_exported()
    {
        await using TlsPoolClient application = _page.Client("application");
        using TlsSession session = await AsClientAsync(application, StartTlsOptions.Client("www.example.com"));
        await application.PrngAsync(session.ControlKey, "EXPERIMENTAL-of-mine", null, 32).WaitAsync(Patience);
        await application.PrngAsync(session.ControlKey, "EXPERIMENTAL-of-mine", [], 32).WaitAsync(Patience);
        Assert.That(await RefusalAsync(application.PrngAsync(session.ControlKey, "of mine", null, 32)), Is.EqualTo(PoolError.PrngUnavailable));
        _page.Check("prng", "PRNG", """
            Both ends of a session can have the same secret bytes (RFC 5705), for a label that is registered or starts with EXPERIMENTAL. An empty
            context is another one than none.
            """);
    }

    [Test]
    public async Task Facts_are_asked_for_and_checked()
    {
        await using TlsPoolClient application = _page.Client("application");
        using TlsSession session = await AsClientAsync(application, StartTlsOptions.Client("www.example.com"));
        byte[] subject = await application.InfoAsync(session.ControlKey, InfoKind.PeerCertSubject).WaitAsync(Patience);
        Assert.That(await application.CheckInfoAsync(session.ControlKey, InfoKind.PeerCertSubject, subject).WaitAsync(Patience));
        Assert.That(await application.CheckInfoAsync(session.ControlKey, InfoKind.PeerCertIssuer, "nobody"u8.ToArray()).WaitAsync(Patience), Is.False);
        Assert.That(await RefusalAsync(application.InfoAsync(session.ControlKey, InfoKind.ChannelBindingTlsUnique)), Is.EqualTo(PoolError.InfoNotFound));
        _page.Check("info", "INFO", """
            Facts about a session: asked for, or held against what the application has. What is not there and what is not right get the same error;
            tls-unique does not exist in TLS 1.3.
            """);
    }

    [Test]
    public void Every_page_is_recorded_and_listed()
    {
        string directory = Path.Combine(DocumentationPage.Root, "docs", "sequences");
        string index = File.ReadAllText(Path.Combine(directory, "README.md"));
        string tests = string.Concat(Directory.GetFiles(Path.Combine(DocumentationPage.Root, "TlsPool.Tests", "Sequences")).Select(File.ReadAllText));
        foreach (string name in Directory.GetFiles(directory).Select(file => Path.GetFileNameWithoutExtension(file)!).Where(name => name != "README"))
            Assert.That((index.Contains($"({name}.md)", StringComparison.Ordinal), tests.Contains($"Check(\"{name}\"", StringComparison.Ordinal)), Is.EqualTo((true, true)), name);
    }

    private Task<TlsSession> AsClientAsync(TlsPoolClient application, StartTlsOptions options, string server = "www.example.com") =>
        PairAsync(application, options, _other, StartTlsOptions.Server(server, StartTlsFlags.IgnoreRemoteId));

    private Task<TlsSession> AsServerAsync(TlsPoolClient application, StartTlsOptions options, StartTlsOptions client) =>
        PairAsync(application, options, _other, client);

    private static async Task<TlsSession> PairAsync(TlsPoolClient application, StartTlsOptions options, TlsPoolClient other, StartTlsOptions others)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> beyond = other.StartTlsAsync(far, others with { Timeout = Patience });
        try
        {
            return await application.StartTlsAsync(near, options).WaitAsync(Patience);
        }
        finally
        {
            (await beyond.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default))?.Dispose();
        }
    }

    private static async Task<PoolError> RefusalAsync(Task refused) =>
        (await Assert.ThrowsAsync<TlsPoolException>(() => refused.WaitAsync(Patience)))!.Error;
}
