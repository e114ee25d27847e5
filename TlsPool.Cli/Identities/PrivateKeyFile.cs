using System.Security.Cryptography;
using System.Text;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Cli.Identities;

/// <summary>Reads private keys from PEM files: PKCS #8, or the older forms of RSA and EC keys.</summary>
internal static class PrivateKeyFile
{
    private const byte DerSequence = 0x30;

    /// <summary>Reads the first private key of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphraseFile">File whose first line opens the key; null if none was given.</param>
    /// <returns>PKCS #8 in DER form; to be cleared.</returns>
    internal static byte[] Read(string path, string? passphraseFile)
    {
        byte[] content = InputFile.Read(path);
        char[] text = Encoding.Latin1.GetChars(content);
        try
        {
            if (content.Length > 0 && content[0] == DerSequence)
                throw new CommandException(
                    $"{path} is not PEM: convert it first, with 'openssl pkey -in FILE -out KEY.pem', or 'openssl pkcs12 -in FILE -out KEY.pem' for PKCS #12");
            return Find(text, path, passphraseFile) ?? throw new CommandException($"{path} has no private key in PEM form");
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new CommandException($"the private key in {path} is damaged, or encrypted in an old way: 'openssl pkcs8 -topk8 -in FILE -out KEY.pem' mends the latter");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            Array.Clear(text);
        }
    }

    private static byte[] Decrypt(byte[] encrypted, string path, string? passphraseFile)
    {
        if (passphraseFile is null)
            throw new CommandException($"the private key in {path} is encrypted: put its passphrase into a file of its own, and name that with --key-passphrase-file");
        byte[] content = InputFile.Read(passphraseFile);
        int end = content.AsSpan().IndexOfAny((byte)'\n', (byte)'\r');
        char[] passphrase = Encoding.UTF8.GetChars(content, 0, end < 0 ? content.Length : end);
        try
        {
            return PrivateKeys.Decrypt(encrypted, passphrase);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            Array.Clear(passphrase);
        }
    }

    private static byte[]? Find(ReadOnlySpan<char> rest, string path, string? passphraseFile)
    {
        while (PemEncoding.TryFind(rest, out PemFields fields))
        {
            ReadOnlySpan<char> block = rest[fields.Location];
            switch (rest[fields.Label])
            {
                case "PRIVATE KEY":
                    byte[] der = new byte[fields.DecodedDataLength];
                    return Convert.TryFromBase64Chars(rest[fields.Base64Data], der, out _) ? der : null;
                case "RSA PRIVATE KEY":
                    using (var rsa = RSA.Create())
                    {
                        rsa.ImportFromPem(block);
                        return rsa.ExportPkcs8PrivateKey();
                    }
                case "EC PRIVATE KEY":
                    using (var ec = ECDsa.Create())
                    {
                        ec.ImportFromPem(block);
                        return ec.ExportPkcs8PrivateKey();
                    }
                case "ENCRYPTED PRIVATE KEY":
                    return Decrypt(Convert.FromBase64String(rest[fields.Base64Data].ToString()), path, passphraseFile);
            }
            rest = rest[fields.Location.End..];
        }
        return null;
    }
}
