using System.Security.Cryptography;
using System.Text;

namespace TlsPool.Cli.Identities;

/// <summary>Reads private keys from PEM files: PKCS #8, or the older forms of RSA and EC keys.</summary>
internal static class PrivateKeyFile
{
    private const int MaxFile = 64 * 1024;

    /// <summary>Reads the first private key of a file.</summary>
    /// <returns>PKCS #8 in DER form; to be cleared.</returns>
    internal static byte[] Read(string path)
    {
        if (new FileInfo(path).Length > MaxFile)
            throw new CommandException($"{path} is too long for a private key");
        byte[] content = File.ReadAllBytes(path);
        char[] text = Encoding.Latin1.GetChars(content);
        try
        {
            return Find(text) ?? throw new CommandException($"{path} has no private key in PEM form");
        }
        catch (CryptographicException)
        {
            throw new CommandException($"the private key in {path} is damaged");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
            Array.Clear(text);
        }
    }

    private static byte[]? Find(ReadOnlySpan<char> rest)
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
                    throw new CommandException("the private key is encrypted: decrypt it first, with 'openssl pkey -in FILE -out PLAIN'");
            }
            rest = rest[fields.Location.End..];
        }
        return null;
    }
}
