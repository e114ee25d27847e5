namespace TlsPool.Actors.Storage;

/// <summary>The database cannot be used. The message says why, and what to do.</summary>
public sealed class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public StorageException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception, with the exception behind it.</summary>
    public StorageException(string message, Exception inner) : base(message, inner)
    {
    }
}
