namespace TlsPool.Cli;

/// <summary>Files that users name.</summary>
internal static class InputFile
{
    private const int MaxFile = 16 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or is too long.</exception>
    internal static byte[] Read(string path)
    {
        if (Directory.Exists(path))
            throw new CommandException($"{path} is a directory");
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        // Devices and files of /proc have no length that counts.
        byte[] content = new byte[(file.CanSeek && file.Length > 0 ? Math.Min(file.Length, MaxFile) : MaxFile) + 1];
        int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return length <= MaxFile ? content[..length] : throw new CommandException($"{path} is too long");
    }
}
