using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TlsPool.Actors.Access;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Storage;
using TlsPool.Actors.Storage.Replication;
using TlsPool.Crypto.Keys;
using TlsPool.Protocol.Identities;
using TlsPool.Tests.Crypto;

namespace TlsPool.Tests.Actors.Storage.Replication;

/// <summary>A host of a cluster, as far as its database goes.</summary>
internal sealed class ReplicaNode : IDisposable
{
    private static readonly Credential Shared = TestIdentity.Ecdsa("any.example").Credential;

    private readonly bool _ownsDirectory;

    internal ReplicaNode(string name, IReadOnlyList<ReplicatedTable>? tables = null, string? directory = null, bool opens = true)
    {
        Name = name;
        _ownsDirectory = directory is null;
        Directory = directory ?? System.IO.Directory.CreateTempSubdirectory("tlspool-replica-").FullName;
        Database = PoolDatabase.Open(Directory);
        Identities = new IdentityStore(Database);
        Disclosure = new DisclosureStore(Database);
        Access = new AccessStore(Database);
        Trust = new TrustStore(Database);
        if (opens)
            Open(tables);
    }

    internal string Name { get; }

    internal string Directory { get; }

    internal PoolDatabase Database { get; }

    internal IdentityStore Identities { get; }

    internal DisclosureStore Disclosure { get; }

    internal AccessStore Access { get; }

    internal TrustStore Trust { get; }

    internal ReplicaStore Replica { get; private set; } = null!;

    internal void Open(IReadOnlyList<ReplicatedTable>? tables = null) => Replica = ReplicaStore.Open(Database, Name, tables ?? ReplicatedTables.All);

    internal IReadOnlyList<ReplicaRecord> Records() => Replica.ChangesSince(0, int.MaxValue, int.MaxValue).Records;

    /// <summary>Takes what another has, from where it left off.</summary>
    internal ReplicaOutcome Pull(ReplicaNode other, int maxRecords = int.MaxValue)
    {
        ReplicaChanges changes = other.Replica.ChangesSince(Replica.GetPeer(other.Name).Seq, maxRecords, int.MaxValue);
        return Replica.Apply(changes.Records, new PeerProgress(other.Name, changes.Incarnation, changes.Next));
    }

    /// <summary>Takes all that another has, again and in another order.</summary>
    internal ReplicaOutcome PullAll(ReplicaNode other, int seed)
    {
        ReplicaRecord[] records = [.. other.Records(), .. other.Records()];
        new Random(seed).Shuffle(records);
        return Replica.Apply(records);
    }

    internal static void Exchange(params ReplicaNode[] nodes)
    {
        // Twice, as what the first learns last the others have asked for before.
        for (int round = 0; round < 2; round++)
        {
            foreach (ReplicaNode node in nodes)
            {
                foreach (ReplicaNode other in nodes.Where(other => other != node))
                    node.Pull(other);
            }
        }
    }

    /// <summary>Lets this host's clock be ahead.</summary>
    internal void Skew(TimeSpan ahead) => Execute(string.Create(
        CultureInfo.InvariantCulture,
        $"UPDATE replica_self SET clock = max(clock, {(DateTimeOffset.UtcNow + ahead).ToUnixTimeMilliseconds()} << 16)"));

    /// <summary>As another program would.</summary>
    internal void Execute(string text)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(Directory, PoolDatabase.FileName)};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    /// <summary>All replicated rows, as text that is the same for the same policy.</summary>
    internal string Policy() => string.Join('\n', ReplicatedTables.All.SelectMany(table =>
        Rows($"SELECT '{table.Kind}' || {table.KeyOf("t")} || {table.ValueOf("t")} FROM {table.Table} AS t ORDER BY 1")));

    /// <summary>All records, but for the numbers that are local.</summary>
    internal string Journal() => string.Join('\n', Rows(
        "SELECT kind || key || ' ' || clock || ' ' || node || ' ' || seen || ' ' || ifnull(value, 'removed') FROM replica ORDER BY kind, key"));

    internal List<string> Rows(string query) => Database.Read(connection =>
    {
        using SqliteCommand command = PoolDatabase.Command(connection, query);
        using SqliteDataReader reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(reader.IsDBNull(0) ? "NULL" : Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return rows;
    });

    internal static TrustAnchor Anchor(string name, string source = "test") => new(SHA256.HashData(name.Select(letter => (byte)letter).ToArray()), new byte[] { 1, 2, 3 }, source);

    internal static StoredIdentity Identity(string name, int certificate = 0, IdentityRoles roles = IdentityRoles.Both) => new(
        0, DoNai.Parse(name), roles, Shared.Key, Shared.SignatureSchemes, Shared.Chain, SHA256.HashData([(byte)certificate]),
        DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));

    internal static AccessRule Rule(string selector, uint? user = null) =>
        new(0, Selector.Parse(selector), user, Group: null, "", IdentityRoles.Both, "");

    internal static Disclosed Shown(string user) => Disclosed.Of(DoNai.Parse($"{user}@a.example"));

    public void Dispose()
    {
        Database.Dispose();
        if (_ownsDirectory)
            System.IO.Directory.Delete(Directory, recursive: true);
    }
}
