namespace TlsPool.Protocol.IO;

/// <summary>Memory for secrets that are to be overwritten: the garbage collector moves other arrays, and leaves copies behind.</summary>
public static class PinnedBytes
{
    /// <summary>A copy that stays where it is, for the taker to overwrite.</summary>
    /// <param name="bytes">What to copy; any length.</param>
    public static byte[] CopyOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return [];
        byte[] copy = GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(copy);
        return copy;
    }
}
