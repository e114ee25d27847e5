using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TlsPool.Actors.Storage;

/// <summary>
/// A SQLite database of a pool: the one of identities, encrypted keys, trust and rules, or that of the audit trail. Several processes may
/// use it at once. Thread safe; calls may wait for the disk and up to five seconds for another writer.
/// </summary>
public sealed class PoolDatabase : IDisposable
{
    /// <summary>File in <c>dbenv_dir</c> with identities, keys, trust and rules.</summary>
    public const string FileName = "tlspool.db";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const int BusySeconds = 5;

    private readonly string _file;
    private readonly string _connectionString;
    private readonly SqliteConnection _watch;
    private readonly SqliteCommand _version;
    private readonly Lock _watchLock = new();

    private PoolDatabase(string directory, string file, string connectionString)
    {
        Directory = directory;
        _file = file;
        _connectionString = connectionString;
        _watch = new SqliteConnection(connectionString);
        _version = Command(_watch, "PRAGMA data_version");
        _version.CommandTimeout = 1;
    }

    /// <summary>The directory it is in.</summary>
    public string Directory { get; }

    /// <summary>Opens the database of identities, keys, trust and rules, after making or upgrading it if need be.</summary>
    /// <param name="directory">Its directory; made with mode 0700 if it is not there.</param>
    /// <exception cref="StorageException">It cannot be used.</exception>
    public static PoolDatabase Open(string directory) => Open(directory, FileName, Schema.Steps, isChecked: true);

    /// <summary>Opens a database, after making or upgrading it if need be.</summary>
    /// <param name="directory">Its directory; made with mode 0700 if it is not there.</param>
    /// <param name="name">Name of its file.</param>
    /// <param name="schema">Its tables.</param>
    /// <param name="isChecked">True to look for damage first, which reads all of it.</param>
    /// <exception cref="StorageException">It cannot be used.</exception>
    internal static PoolDatabase Open(string directory, string name, IReadOnlyList<string> schema, bool isChecked)
    {
        string file = Path.Combine(directory, name);
        try
        {
            PrepareFiles(directory, file);
            var settings = new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Mode = SqliteOpenMode.ReadWrite,
                ForeignKeys = true,
                DefaultTimeout = BusySeconds,
            };
            var database = new PoolDatabase(directory, file, settings.ConnectionString);
            database.Prepare(schema, isChecked);
            return database;
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Failed(file, exception);
        }
    }

    /// <summary>
    /// A number that changes whenever another connection, of this or another process, has changed something. Takes some microseconds.
    /// </summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public long Version()
    {
        lock (_watchLock)
            return Guard(() => Convert.ToInt64(_version.ExecuteScalar(), CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Length and time of the log of changes (WAL): different after each commit, but for one that overwrites within a tick of the clock what
    /// the last one wrote. Waits for nobody, whatever locks there are.
    /// </summary>
    internal (long Length, DateTime Written) Stamp()
    {
        var log = new FileInfo(_file + "-wal");
        return log.Exists ? (log.Length, log.LastWriteTimeUtc) : default;
    }

    /// <summary>
    /// The stamp, if nobody is writing: the log grows a moment before what was written counts, and a stamp of that moment would hide it. Waits
    /// for nobody.
    /// </summary>
    /// <returns>Null while somebody writes.</returns>
    internal (long Length, DateTime Written)? SettledStamp()
    {
        lock (_watchLock)
        {
            // The library would wait for a writer.
            if (raw.sqlite3_exec(_watch.Handle, "BEGIN IMMEDIATE") != raw.SQLITE_OK)
                return null;
            (long Length, DateTime Written) stamp = Stamp();
            raw.sqlite3_exec(_watch.Handle, "ROLLBACK");
            return stamp;
        }
    }

    /// <summary>Drops pooled connections.</summary>
    public void Dispose()
    {
        _version.Dispose();
        SqliteConnection.ClearPool(_watch);
        _watch.Dispose();
    }

    /// <summary>Reads in one consistent view.</summary>
    internal T Read<T>(Func<SqliteConnection, T> read) => Guard(() =>
    {
        using SqliteConnection connection = Connect();
        using SqliteTransaction view = connection.BeginTransaction(deferred: true);
        return read(connection);
    });

    /// <summary>Writes all or nothing, durably.</summary>
    internal T Write<T>(Func<SqliteConnection, T> write) => Guard(() =>
    {
        using SqliteConnection connection = Connect();
        using SqliteTransaction transaction = connection.BeginTransaction();
        T result = write(connection);
        transaction.Commit();
        return result;
    });

    /// <summary>A command with its parameters, named <c>$1</c>, <c>$2</c> and so on.</summary>
    internal static SqliteCommand Command(SqliteConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        for (int i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"${i + 1}"), values[i] ?? DBNull.Value);
        return command;
    }

    /// <summary>Runs a command that returns no rows; the result is how many it changed.</summary>
    internal static int Execute(SqliteConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = Command(connection, text, values);
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string text)
    {
        using SqliteCommand command = Command(connection, text);
        return command.ExecuteScalar();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    private void Prepare(IReadOnlyList<string> schema, bool isChecked)
    {
        _watch.Open();
        Execute(_watch, "PRAGMA journal_mode = WAL");
        if (isChecked && Scalar(_watch, "PRAGMA quick_check(1)") is not "ok")
            throw new StorageException($"{_file} is damaged: restore it from a backup");
        using SqliteConnection connection = Connect();
        if (SchemaVersion(connection) == schema.Count)
            return;
        using SqliteTransaction transaction = connection.BeginTransaction();
        // Another process may have been quicker.
        long version = SchemaVersion(connection);
        if (version > schema.Count)
            throw new StorageException($"{_file} was made by a later version of the pool: upgrade this one");
        foreach (string step in schema.Skip((int)version))
            Execute(connection, step);
        Execute(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {schema.Count}"));
        transaction.Commit();
    }

    private static long SchemaVersion(SqliteConnection connection) =>
        Convert.ToInt64(Scalar(connection, "PRAGMA user_version"), CultureInfo.InvariantCulture);

    private static void PrepareFiles(string directory, string file)
    {
        System.IO.Directory.CreateDirectory(directory, OwnerDirectory);
        if ((File.GetUnixFileMode(directory) & Others) != 0)
            throw new StorageException($"dbenv_dir {directory} is open to everybody: chmod o-rwx {directory}");
        using (File.OpenHandle(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
        }
        if ((File.GetUnixFileMode(file) & Others) != 0)
            File.SetUnixFileMode(file, OwnerOnly);
    }

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SqliteException exception)
        {
            throw Failed(_file, exception);
        }
    }

    /// <summary>What to tell of a failure.</summary>
    internal static StorageException Failed(string file, Exception exception)
    {
        const int busy = 5, readOnly = 8, corrupt = 11, full = 13, cannotOpen = 14, notADatabase = 26;
        string advice = exception is SqliteException sqlite
            ? sqlite.SqliteErrorCode switch
            {
                busy => ": another program keeps it locked",
                corrupt or notADatabase => ": it is damaged; restore it from a backup",
                full => ": the disk is full",
                readOnly or cannotOpen => ": it cannot be written; run this as the pool's user",
                _ => "",
            }
            : "";
        return new StorageException($"{file} cannot be used{advice} ({exception.Message})", exception);
    }
}
