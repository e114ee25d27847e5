using System.Security.Cryptography;
using System.Text;

namespace TlsPool.Crypto.Tokens;

/// <summary>The passphrase of the built-in key store. Has no text form.</summary>
public sealed class Passphrase : IDisposable
{
    /// <summary>Name of its file beside the database.</summary>
    public const string FileName = "keystore.passphrase";

    private const int MaxFile = 1024;
    private const int RandomSize = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly char[] _text;

    private Passphrase(char[] text) => _text = text;

    /// <summary>Its characters. Not to be kept.</summary>
    internal char[] Text => _text;

    /// <summary>Reads the passphrase; makes a random one if the file is not there.</summary>
    /// <param name="path">The file: one line, readable by its owner only.</param>
    /// <param name="mayCreate">False if there are keys that a new one would not open.</param>
    /// <exception cref="TokenException">It cannot be used.</exception>
    public static Passphrase LoadOrCreate(string path, bool mayCreate = true)
    {
        try
        {
            if (mayCreate)
                Create(path);
            else if (!File.Exists(path))
                throw new TokenException(TokenFault.Failed, $"{path} is not there, but the database has keys that only its passphrase opens: restore it");
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            if ((File.GetUnixFileMode(file.SafeFileHandle) & ~OwnerOnly) != 0)
                throw new TokenException(TokenFault.Failed, $"{path} opens every key of the built-in store, but others can read it: chmod 0600 {path}");
            byte[] content = new byte[MaxFile];
            int length = file.ReadAtLeast(content, MaxFile, throwOnEndOfStream: false);
            ReadOnlySpan<byte> line = content.AsSpan(0, length);
            int end = line.IndexOfAny((byte)'\n', (byte)'\r');
            char[] text = Encoding.UTF8.GetChars(content, 0, end < 0 ? length : end);
            CryptographicOperations.ZeroMemory(content);
            return text.Length > 0 ? new Passphrase(text) : throw new TokenException(TokenFault.Failed, $"{path} is empty: it has to hold the passphrase");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TokenException(TokenFault.Failed, $"the passphrase of the built-in key store cannot be read: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.Clear(_text);

    /// <summary>Writes a random passphrase under another name and gives it its own only if that is free: it is there whole or not at all.</summary>
    private static void Create(string path)
    {
        if (File.Exists(path))
            return;
        byte[] secret = RandomNumberGenerator.GetBytes(RandomSize);
        string temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            }))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(secret) + "\n"));
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was quicker; its passphrase counts.
            File.Delete(temporary);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }
}
