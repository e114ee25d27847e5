using Microsoft.Data.Sqlite;
using TlsPool.Actors.Access;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>Access rules, in the database.</summary>
public sealed class AccessStore(PoolDatabase database)
{
    /// <summary>Adds a rule.</summary>
    /// <returns>False if it is there already.</returns>
    public bool TryAdd(AccessRule rule) => database.Write(connection => PoolDatabase.Execute(
        connection,
        "INSERT INTO access (selector, uid, gid, socket, roles, service) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        rule.LocalId.Key,
        rule.User,
        rule.Group,
        rule.Socket,
        (int)rule.Roles,
        rule.Service)) == 1;

    /// <summary>All rules, by selector and then in the order in which they were added. Damaged ones are left out.</summary>
    /// <param name="damaged">Receives those that cannot be read.</param>
    public IReadOnlyList<AccessRule> List(out IReadOnlyList<DamagedRule> damaged)
    {
        var unreadable = new List<DamagedRule>();
        damaged = unreadable;
        return database.Read(connection =>
        {
            using SqliteCommand command = PoolDatabase.Command(
                connection, "SELECT id, selector, uid, gid, socket, roles, service FROM access ORDER BY selector, id");
            using SqliteDataReader reader = command.ExecuteReader();
            var rules = new List<AccessRule>();
            while (reader.Read())
            {
                (long id, string selector) = (reader.GetInt64(0), reader.GetString(1));
                if (!Selector.TryParse(selector, out Selector? localId) || localId.Key != selector)
                {
                    unreadable.Add(new DamagedRule(id, selector));
                    continue;
                }
                rules.Add(new AccessRule(
                    id, localId, Number(reader, 2), Number(reader, 3), reader.GetString(4), (IdentityRoles)reader.GetInt32(5), reader.GetString(6)));
            }
            return rules;
        });
    }

    /// <summary>Removes rules.</summary>
    /// <param name="ids">Their numbers.</param>
    /// <returns>How many there were.</returns>
    public int Remove(IEnumerable<long> ids) => database.Write(connection =>
        ids.Sum(id => PoolDatabase.Execute(connection, "DELETE FROM access WHERE id = $1", id)));

    private static uint? Number(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : (uint)reader.GetInt64(column);
}
