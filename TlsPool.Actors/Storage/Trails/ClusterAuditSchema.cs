namespace TlsPool.Actors.Storage.Trails;

/// <summary>
/// Tables of the collected trail, as steps; a step that was released never changes. As in the trail of a node, rows are added, never changed,
/// and removed from the front only.
/// </summary>
internal static class ClusterAuditSchema
{
    internal static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE audit (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            node TEXT NOT NULL,
            incarnation TEXT NOT NULL,
            round INTEGER NOT NULL,
            row INTEGER,
            collected INTEGER NOT NULL,
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
        CREATE UNIQUE INDEX audit_once ON audit (node, incarnation, row, round);
        CREATE INDEX audit_time ON audit (time);
        CREATE TABLE audit_kept (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            first INTEGER NOT NULL
        ) STRICT;
        INSERT INTO audit_kept (one, first) VALUES (1, 0);
        CREATE TABLE audit_progress (
            node TEXT NOT NULL,
            incarnation TEXT NOT NULL,
            round INTEGER NOT NULL,
            after INTEGER NOT NULL,
            mark INTEGER NOT NULL,
            used INTEGER NOT NULL,
            PRIMARY KEY (node, incarnation)
        ) STRICT, WITHOUT ROWID;
        CREATE TRIGGER audit_no_change BEFORE UPDATE ON audit BEGIN
            SELECT RAISE(ABORT, 'the audit trail is never changed');
        END;
        CREATE TRIGGER audit_no_removal BEFORE DELETE ON audit WHEN OLD.id >= (SELECT first FROM audit_kept) BEGIN
            SELECT RAISE(ABORT, 'the audit trail is shortened by its retention only');
        END;
        CREATE TRIGGER audit_no_replacement BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
            OR EXISTS (SELECT 1 FROM audit WHERE node = NEW.node AND incarnation = NEW.incarnation AND row = NEW.row AND round = NEW.round) BEGIN
            SELECT RAISE(ABORT, 'the audit trail is never changed');
        END;
        CREATE TRIGGER audit_kept_grows BEFORE UPDATE ON audit_kept WHEN NEW.first < OLD.first OR NEW.one <> 1 BEGIN
            SELECT RAISE(ABORT, 'the retention of the audit trail only goes on');
        END;
        CREATE TRIGGER audit_kept_stays BEFORE DELETE ON audit_kept BEGIN
            SELECT RAISE(ABORT, 'the retention of the audit trail only goes on');
        END;
        """,
    ];
}
