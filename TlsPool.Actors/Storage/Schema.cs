namespace TlsPool.Actors.Storage;

/// <summary>The tables, as steps from one version of the schema to the next. A step that was released never changes.</summary>
internal static class Schema
{
    internal static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE identity (
            id INTEGER PRIMARY KEY,
            donai TEXT NOT NULL,
            roles INTEGER NOT NULL CHECK (roles BETWEEN 1 AND 3),
            key_uri TEXT NOT NULL,
            schemes TEXT NOT NULL,
            chain BLOB NOT NULL,
            fingerprint BLOB NOT NULL,
            not_before INTEGER NOT NULL,
            not_after INTEGER NOT NULL,
            UNIQUE (donai, fingerprint)
        ) STRICT;
        CREATE TABLE key (
            name TEXT PRIMARY KEY,
            public_key BLOB NOT NULL,
            encrypted_key BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE anchor (
            fingerprint BLOB PRIMARY KEY,
            certificate BLOB NOT NULL,
            source TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    ];
}
