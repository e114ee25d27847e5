using Microsoft.Data.Sqlite;
using TlsPool.Actors.Disclosure;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Storage;

/// <summary>The disclosure database: local identities for remote selectors, in order.</summary>
public sealed class DisclosureStore(PoolDatabase database)
{
    /// <summary>Adds entries to a selector, in the order given.</summary>
    /// <param name="remote">The selector.</param>
    /// <param name="shown">What it shows.</param>
    /// <param name="atFront">True to put them before those that are there, false behind.</param>
    /// <returns>How many are new; those that were there stay where they are.</returns>
    public int Add(Selector remote, IReadOnlyList<Disclosed> shown, bool atFront) => database.Write(connection =>
        (atFront ? shown.Reverse() : shown).Sum(one => Insert(connection, remote, one, atFront)));

    /// <summary>Stores a choice.</summary>
    /// <returns>True if something has changed.</returns>
    public bool Apply(DisclosureChange change) => database.Write(connection =>
    {
        int changed = change.Moves
            ? PoolDatabase.Execute(
                connection,
                $"UPDATE disclosure SET position = {Position(change.AtFront)} WHERE selector = $1 AND localid = $2",
                change.Remote.Key,
                change.Shown.Key)
            : 0;
        return changed + (change.Adds ? Insert(connection, change.Remote, change.Shown, change.AtFront) : 0) > 0;
    });

    /// <summary>All entries, by selector and then in their order. Damaged ones are left out.</summary>
    /// <param name="damaged">Receives those that cannot be read.</param>
    public IReadOnlyList<DisclosureEntry> List(out IReadOnlyList<DamagedRule> damaged)
    {
        var unreadable = new List<DamagedRule>();
        damaged = unreadable;
        return database.Read(connection =>
        {
            using SqliteCommand command = PoolDatabase.Command(
                connection, "SELECT id, selector, localid FROM disclosure ORDER BY selector, position, localid");
            using SqliteDataReader reader = command.ExecuteReader();
            var entries = new List<DisclosureEntry>();
            while (reader.Read())
            {
                (long id, string selector) = (reader.GetInt64(0), reader.GetString(1));
                if (Selector.TryParse(selector, out Selector? remote) && remote.Key == selector && Disclosed.TryParse(reader.GetString(2), out Disclosed? shown))
                    entries.Add(new DisclosureEntry(id, remote, shown));
                else
                    unreadable.Add(new DamagedRule(id, selector));
            }
            return entries;
        });
    }

    /// <summary>Removes entries of a selector.</summary>
    /// <param name="selector">The selector, or the text that a damaged one has.</param>
    /// <param name="shown">Which; none for all.</param>
    /// <returns>How many there were.</returns>
    public int Remove(string selector, IReadOnlyCollection<Disclosed> shown) => database.Write(connection => shown.Count == 0
        ? PoolDatabase.Execute(connection, "DELETE FROM disclosure WHERE selector = $1", selector)
        : shown.Sum(one => PoolDatabase.Execute(connection, "DELETE FROM disclosure WHERE selector = $1 AND localid = $2", selector, one.Key)));

    private static int Insert(SqliteConnection connection, Selector remote, Disclosed shown, bool atFront) => PoolDatabase.Execute(
        connection,
        $"INSERT INTO disclosure (selector, localid, position) VALUES ($1, $2, {Position(atFront)}) ON CONFLICT DO NOTHING",
        remote.Key,
        shown.Key);

    private static string Position(bool atFront) =>
        $"(SELECT coalesce({(atFront ? "min(position) - 1" : "max(position) + 1")}, 0) FROM disclosure WHERE selector = $1)";
}
