namespace TlsPool.Actors.Audit;

/// <summary>A trail that can be read: that of this node, or the one that was collected from all nodes.</summary>
public interface IAuditReader
{
    /// <summary>The latest decisions that pass a filter, oldest first.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="limit">At most so many.</param>
    /// <exception cref="Storage.StorageException">They cannot be read.</exception>
    IReadOnlyList<AuditRecord> Latest(AuditFilter filter, int limit);

    /// <summary>The next decisions that pass a filter, oldest first.</summary>
    /// <param name="filter">The filter; its <see cref="AuditFilter.After"/> says where to go on.</param>
    /// <param name="limit">At most so many.</param>
    /// <exception cref="Storage.StorageException">They cannot be read.</exception>
    IReadOnlyList<AuditRecord> Next(AuditFilter filter, int limit);

    /// <summary>Number of the last decision; 0 if there never was one.</summary>
    /// <exception cref="Storage.StorageException">It cannot be read.</exception>
    long LastId();
}
