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
        // What hosts of a cluster share. Times of adding are the same everywhere, numbers of rows are not: those that are there keep their order.
        """
        ALTER TABLE identity ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
        UPDATE identity SET added = id;
        CREATE TABLE replica (
            kind TEXT NOT NULL,
            key TEXT NOT NULL,
            clock INTEGER NOT NULL,
            node TEXT NOT NULL,
            seen TEXT NOT NULL,
            seq INTEGER NOT NULL UNIQUE,
            value TEXT,
            PRIMARY KEY (kind, key)
        ) STRICT;
        CREATE TABLE replica_self (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            node TEXT NOT NULL,
            incarnation TEXT NOT NULL,
            clock INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            applying INTEGER NOT NULL CHECK (applying IN (0, 1))
        ) STRICT;
        CREATE TABLE replica_peer (
            node TEXT PRIMARY KEY,
            incarnation TEXT NOT NULL,
            seq INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """,
    ];

    /// <summary>
    /// The audit trail, in a database of its own: it is written all the time, and what watches the other one for changes must not notice.
    /// Rows are added, never changed, and removed from the front only, as far as <c>audit_kept</c> says.
    /// </summary>
    internal static IReadOnlyList<string> AuditSteps { get; } =
    [
        """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            allowed INTEGER NOT NULL CHECK (allowed IN (0, 1)),
            reason TEXT NOT NULL,
            uid INTEGER,
            gid INTEGER,
            pid INTEGER,
            executable TEXT,
            session INTEGER,
            localid TEXT,
            remoteid TEXT,
            use TEXT,
            token TEXT,
            key TEXT
        ) STRICT;
        CREATE INDEX audit_time ON audit (time);
        CREATE TABLE audit_kept (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            first INTEGER NOT NULL
        ) STRICT;
        INSERT INTO audit_kept (one, first) VALUES (1, 0);
        CREATE TRIGGER audit_no_change BEFORE UPDATE ON audit BEGIN
            SELECT RAISE(ABORT, 'the audit trail is never changed');
        END;
        CREATE TRIGGER audit_no_removal BEFORE DELETE ON audit WHEN OLD.id >= (SELECT first FROM audit_kept) BEGIN
            SELECT RAISE(ABORT, 'the audit trail is shortened by its retention only');
        END;
        CREATE TRIGGER audit_no_replacement BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
            SELECT RAISE(ABORT, 'the audit trail is never changed');
        END;
        CREATE TRIGGER audit_kept_grows BEFORE UPDATE ON audit_kept WHEN NEW.first < OLD.first OR NEW.one <> 1 BEGIN
            SELECT RAISE(ABORT, 'the retention of the audit trail only goes on');
        END;
        CREATE TRIGGER audit_kept_stays BEFORE DELETE ON audit_kept BEGIN
            SELECT RAISE(ABORT, 'the retention of the audit trail only goes on');
        END;
        """,
        // Numbers begin again in a trail that was made anew, so whoever collects it has to tell it from the former one.
        """
        CREATE TABLE audit_incarnation (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            incarnation TEXT NOT NULL
        ) STRICT;
        INSERT INTO audit_incarnation (one, incarnation) VALUES (1, lower(hex(randomblob(16))));
        CREATE TRIGGER audit_incarnation_no_change BEFORE UPDATE ON audit_incarnation BEGIN
            SELECT RAISE(ABORT, 'the audit trail stays the one it is');
        END;
        CREATE TRIGGER audit_incarnation_no_removal BEFORE DELETE ON audit_incarnation BEGIN
            SELECT RAISE(ABORT, 'the audit trail stays the one it is');
        END;
        """,
    ];
}
