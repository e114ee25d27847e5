using System.Text;

namespace TlsPool.Crypto.Handshakes;

/// <summary>A key log in a file that only its owner can read. Whoever has it reads every session: for debugging only.</summary>
public sealed class KeyLogFile : IKeyLog, IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream _file;

    /// <summary>Opens the file to append to it.</summary>
    /// <param name="path">Its name; made with mode 0600 if it is not there.</param>
    /// <exception cref="IOException">It cannot be written, or others can read it.</exception>
    public KeyLogFile(string path)
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            UnixCreateMode = owner,
            BufferSize = 0,
        });
        if ((File.GetUnixFileMode(_file.SafeFileHandle) & ~owner) == 0)
            return;
        _file.Dispose();
        throw new IOException($"{path} holds traffic secrets, but others than its owner may read or write it: chmod 0600 {path}");
    }

    /// <inheritdoc/>
    public void Write(string label, ReadOnlySpan<byte> clientRandom, ReadOnlySpan<byte> secret)
    {
        byte[] line = Encoding.ASCII.GetBytes($"{label} {Convert.ToHexStringLower(clientRandom)} {Convert.ToHexStringLower(secret)}\n");
        lock (_lock)
            _file.Write(line);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
