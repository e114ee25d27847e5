using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Storage;
using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Identities;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Actors.Storage;

[Parallelizable]
public sealed class PoolDatabaseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private string _directory = "";

    private string File => Path.Combine(_directory, PoolDatabase.FileName);

    [SetUp]
    public void Make() => _directory = Path.Combine(Directory.CreateTempSubdirectory("tlspool-db-").FullName, "db");

    [TearDown]
    public void Remove() => Directory.Delete(Path.GetDirectoryName(_directory)!, recursive: true);

    [Test]
    public void Directory_and_file_are_the_owner_s_alone()
    {
        using var database = PoolDatabase.Open(_directory);
        new IdentityStore(database).TryAdd(Stored("a.example"));
        Assert.That(System.IO.File.GetUnixFileMode(_directory), Is.EqualTo((UnixFileMode)0x1C0));
        foreach (string file in Directory.GetFiles(_directory))
            Assert.That((int)System.IO.File.GetUnixFileMode(file) & 7, Is.Zero, file);
    }

    [Test]
    public void A_directory_that_is_open_to_everybody_is_refused()
    {
        Directory.CreateDirectory(_directory, (UnixFileMode)0x1ED);
        Assert.That(Assert.Throws<StorageException>(() => PoolDatabase.Open(_directory))!.Message, Does.Contain("is open to everybody: chmod o-rwx"));
    }

    [Test]
    public void Something_else_than_a_database_is_refused()
    {
        Directory.CreateDirectory(_directory, (UnixFileMode)0x1C0);
        System.IO.File.WriteAllText(File, new string('x', 8192));
        Assert.That(Assert.Throws<StorageException>(() => PoolDatabase.Open(_directory))!.Message, Does.Contain("it is damaged; restore it from a backup"));
    }

    [Test]
    public void A_database_of_a_later_version_is_left_alone()
    {
        PoolDatabase.Open(_directory).Dispose();
        Execute("PRAGMA user_version = 99");
        Assert.That(Assert.Throws<StorageException>(() => PoolDatabase.Open(_directory))!.Message, Does.Contain("made by a later version"));
    }

    [Test]
    public void Opening_changes_nothing_that_others_would_have_to_read_again()
    {
        using var database = PoolDatabase.Open(_directory);
        long version = database.Version();
        PoolDatabase.Open(_directory).Dispose();
        Assert.That(database.Version(), Is.EqualTo(version));
        using (var other = PoolDatabase.Open(_directory))
            new IdentityStore(other).TryAdd(Stored("a.example"));
        Assert.That(database.Version(), Is.Not.EqualTo(version));
    }

    [Test]
    public void Text_with_quotes_stays_text()
    {
        using var database = PoolDatabase.Open(_directory);
        var store = new IdentityStore(database);
        var identity = DoNai.Parse("x');DROP\tTABLE/**/identity;--@a.example".Replace("\t", "/**/", StringComparison.Ordinal));
        store.TryAdd(Stored(identity.ToString()));
        Assert.That(store.Find(identity).Single().Identity, Is.EqualTo(identity));
    }

    [Test]
    public void An_identity_has_a_certificate_once_and_comes_back_as_it_was_added()
    {
        using var database = PoolDatabase.Open(_directory);
        var store = new IdentityStore(database);
        StoredIdentity added = Stored("User@a.example");
        Assert.That(store.TryAdd(added));
        Assert.That(store.TryAdd(added), Is.False);
        StoredIdentity found = store.Find(DoNai.Parse("user@A.example")).Single();
        Assert.That((found.Roles, found.Key, found.Identity), Is.EqualTo((added.Roles, added.Key, DoNai.Parse("user@a.example"))));
        Assert.That(found.NotAfter, Is.EqualTo(added.NotAfter).Within(TimeSpan.FromSeconds(1)));
        Assert.That(found.Chain[0].ToArray(), Is.EqualTo(added.Chain[0].ToArray()));
        Assert.That(found.SignatureSchemes, Is.EqualTo(added.SignatureSchemes));
        Assert.That(store.Remove([found.Id]), Is.EqualTo(1));
        Assert.That(store.List(), Is.Empty);
    }

    [TestCase("UPDATE identity SET chain = X'00112233' WHERE donai = 'bad.example'")]
    [TestCase("UPDATE identity SET schemes = 'zz' WHERE donai = 'bad.example'")]
    [TestCase("UPDATE identity SET not_after = 9223372036854775807 WHERE donai = 'bad.example'")]
    [TestCase("UPDATE identity SET donai = 'not an identity' WHERE donai = 'bad.example'")]
    public void A_damaged_credential_harms_no_other(string damage)
    {
        using var database = PoolDatabase.Open(_directory);
        var store = new IdentityStore(database);
        store.TryAdd(Stored("bad.example"));
        store.TryAdd(Stored("good.example"));
        Execute(damage);
        Assert.That(store.List(out IReadOnlyList<DamagedIdentity> damaged).Select(identity => identity.Identity.ToString()), Is.EqualTo(new[] { "good.example" }));
        Assert.That(damaged, Has.Count.EqualTo(1));
        Assert.That(store.Remove(damaged.Select(broken => broken.Id)), Is.EqualTo(1));
    }

    [Test]
    public void Anchors_are_kept_once()
    {
        using var database = PoolDatabase.Open(_directory);
        var store = new TrustStore(database);
        TrustAnchor one = Anchor("one.example"), two = Anchor("two.example");
        Assert.That(store.Add([one, two, one]), Is.EqualTo(2));
        Assert.That(store.Add([one]), Is.Zero);
        Assert.That(store.Remove([one.Fingerprint]), Is.EqualTo(1));
        Assert.That(store.List().Single().Certificate.ToArray(), Is.EqualTo(two.Certificate.ToArray()));
    }

    [Test]
    public void All_or_nothing_is_written()
    {
        using var database = PoolDatabase.Open(_directory);
        var store = new TrustStore(database);
        Assert.Throws<InvalidOperationException>(() => store.Add(Failing()));
        Assert.That(store.List(), Is.Empty);
        static IEnumerable<TrustAnchor> Failing()
        {
            yield return Anchor("one.example");
            throw new InvalidOperationException();
        }
    }

    [Test]
    public async Task Many_processes_may_write_at_once()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 40), new ParallelOptions { MaxDegreeOfParallelism = 8 }, (i, _) =>
        {
            using var database = PoolDatabase.Open(_directory);
            new IdentityStore(database).TryAdd(Stored($"h{i}.example"));
            return ValueTask.CompletedTask;
        });
        using var all = PoolDatabase.Open(_directory);
        Assert.That(new IdentityStore(all).List(), Has.Count.EqualTo(40));
    }

    [Test]
    public async Task A_change_by_another_is_seen_without_asking()
    {
        using var database = PoolDatabase.Open(_directory);
        var identities = new LocalIdentities(new IdentityStore(database), TimeProvider.System, NullLogger.Instance);
        using var watcher = new StoreWatcher(database, identities.Refresh, NullLogger.Instance);
        using (var other = PoolDatabase.Open(_directory))
            new IdentityStore(other).TryAdd(Stored("new.example"));
        DateTime until = DateTime.UtcNow + Patience;
        while (identities.ServerIdentities.Count == 0 && DateTime.UtcNow < until)
            await Task.Delay(20);
        Assert.That(identities.ServerIdentities, Is.EqualTo(new[] { "new.example" }));
    }

    [Test]
    public async Task A_session_goes_by_what_was_committed_before_it()
    {
        using var database = PoolDatabase.Open(_directory);
        var identities = new LocalIdentities(new IdentityStore(database), TimeProvider.System, NullLogger.Instance);
        using var watcher = new StoreWatcher(database, identities.Refresh, NullLogger.Instance);
        using var other = PoolDatabase.Open(_directory);
        for (int i = 0; i < 20; i++)
        {
            new IdentityStore(other).TryAdd(Stored($"host{i}.example"));
            // Null where the timer was faster.
            await (watcher.CatchUp() ?? Task.CompletedTask);
            Assert.That(identities.ServerIdentities, Has.Count.EqualTo(i + 1));
        }
    }

    [Test]
    public async Task A_commit_that_somebody_looked_at_half_way_is_not_missed()
    {
        using var database = PoolDatabase.Open(_directory);
        var identities = new LocalIdentities(new IdentityStore(database), TimeProvider.System, NullLogger.Instance);
        using var watcher = new StoreWatcher(database, identities.Refresh, NullLogger.Instance);
        using var other = PoolDatabase.Open(_directory);
        using var done = new CancellationTokenSource();
        Task looking = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await (watcher.CatchUp() ?? Task.Delay(TimeSpan.FromMicroseconds(50)));
        });
        for (int i = 0; i < 40; i++)
        {
            new IdentityStore(other).TryAdd(Stored($"host{i}.example"));
            await (watcher.CatchUp() ?? Task.CompletedTask);
            Assert.That(identities.ServerIdentities, Has.Count.EqualTo(i + 1));
        }
        await done.CancelAsync();
        await looking;
    }

    [Test]
    public void Changes_are_known_while_somebody_else_writes()
    {
        using var database = PoolDatabase.Open(_directory);
        using var other = PoolDatabase.Open(_directory);
        Assert.That(database.SettledStamp(), Is.EqualTo(database.Stamp()));
        other.Write(connection =>
        {
            PoolDatabase.Execute(connection, "INSERT INTO access (selector, roles) VALUES ('.', 0)");
            Assert.That(database.SettledStamp(), Is.Null);
            return 0;
        });
        Assert.That(database.SettledStamp(), Is.EqualTo(database.Stamp()));
    }

    [Test]
    public void Roles_and_dates_choose_among_credentials()
    {
        using var database = PoolDatabase.Open(_directory);
        var store = new IdentityStore(database);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        StoredIdentity expired = Stored("a.example") with { NotAfter = now.AddDays(-1) };
        StoredIdentity client = Stored("a.example") with { Roles = IdentityRoles.Client };
        StoredIdentity good = Stored("a.example");
        foreach (StoredIdentity identity in new[] { expired, client, good })
            store.TryAdd(identity);
        var identities = new LocalIdentities(store, TimeProvider.System, NullLogger.Instance);
        identities.Refresh();
        Assert.That(
            identities.Find("A.example", TlsRole.Server).Select(credential => credential.Chain[0].ToArray()),
            Is.EqualTo(new[] { good.Chain[0].ToArray(), expired.Chain[0].ToArray() }));
        Assert.That(identities.Find("a.example", TlsRole.Client), Has.Count.EqualTo(3));
        Assert.That(identities.Find("b.example", TlsRole.Client), Is.Empty);
        Credential before = identities.Find("a.example", TlsRole.Server)[0];
        identities.Refresh();
        Assert.That(identities.Find("a.example", TlsRole.Server)[0], Is.SameAs(before), "what the engine has parsed is parsed once");
    }

    [Test]
    public void A_passphrase_is_made_once_and_never_while_keys_need_another()
    {
        string file = Path.Combine(_directory, Passphrase.FileName);
        using var database = PoolDatabase.Open(_directory);
        using (BuiltInKeyStore keys = new EncryptedKeyStore(database).Open(file))
            keys.Generate(KeyParameters.Default, "one");
        Assert.That(System.IO.File.GetUnixFileMode(file), Is.EqualTo((UnixFileMode)0x180));
        System.IO.File.Move(file, file + ".lost");
        Assert.That(
            Assert.Throws<TokenException>(() => new EncryptedKeyStore(database).Open(file))!.Message, Does.Contain("is not there, but the database has keys"));
        Assert.That(System.IO.File.Exists(file), Is.False);
        System.IO.File.Move(file + ".lost", file);
        using BuiltInKeyStore again = new EncryptedKeyStore(database).Open(file);
        Assert.That(again.Open(new KeyReference("builtin:one")).Sign(0x0403, "content"u8.ToArray()), Is.Not.Empty);
        System.IO.File.SetUnixFileMode(file, (UnixFileMode)0x1A4);
        Assert.That(Assert.Throws<TokenException>(() => new EncryptedKeyStore(database).Open(file))!.Message, Does.Contain("chmod 0600"));
    }

    private void Execute(string command)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using SqliteCommand text = connection.CreateCommand();
        text.CommandText = command;
        text.ExecuteNonQuery();
    }

    private static StoredIdentity Stored(string name)
    {
        Credential credential = TestIdentity.Ecdsa("any.example").Credential;
        return new StoredIdentity(
            0, DoNai.Parse(name), IdentityRoles.Both, credential.Key, credential.SignatureSchemes, credential.Chain,
            System.Security.Cryptography.SHA256.HashData(credential.Chain[0].Span), DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }

    private static TrustAnchor Anchor(string name)
    {
        byte[] certificate = TestIdentity.Ecdsa(name).Certificate;
        return new TrustAnchor(System.Security.Cryptography.SHA256.HashData(certificate), certificate, "test");
    }
}
