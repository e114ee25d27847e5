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
        """
        CREATE TABLE disclosure (
            id INTEGER PRIMARY KEY,
            selector TEXT NOT NULL,
            position INTEGER NOT NULL,
            localid TEXT NOT NULL,
            formula TEXT NOT NULL DEFAULT '',
            UNIQUE (selector, localid)
        ) STRICT;
        CREATE TABLE access (
            id INTEGER PRIMARY KEY,
            selector TEXT NOT NULL,
            uid INTEGER CHECK (uid BETWEEN 0 AND 4294967295),
            gid INTEGER CHECK (gid BETWEEN 0 AND 4294967295),
            socket TEXT NOT NULL DEFAULT '',
            roles INTEGER NOT NULL CHECK (roles BETWEEN 0 AND 3),
            service TEXT NOT NULL DEFAULT ''
        ) STRICT;
        CREATE UNIQUE INDEX access_once ON access (selector, ifnull(uid, -1), ifnull(gid, -1), socket, roles, service);
        """,
    ];
}
