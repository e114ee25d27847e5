using System.Globalization;
using System.Text;

namespace TlsPool.Crypto.Tokens;

/// <summary>Writes what <see cref="Pkcs11UriReader"/> reads, except the PIN.</summary>
internal static class Pkcs11UriWriter
{
    public static string Write(Pkcs11Uri uri, bool asReference)
    {
        var text = new StringBuilder(Pkcs11Uri.Scheme);
        int start = text.Length;
        Add(text, start, ';', "library-manufacturer", uri.LibraryManufacturer);
        Add(text, start, ';', "library-description", uri.LibraryDescription);
        Add(text, start, ';', "library-version", uri.LibraryVersion?.ToString(2));
        Add(text, start, ';', "slot-manufacturer", uri.SlotManufacturer);
        Add(text, start, ';', "slot-description", uri.SlotDescription);
        Add(text, start, ';', "slot-id", uri.SlotId?.ToString(CultureInfo.InvariantCulture));
        Add(text, start, ';', "model", uri.Model);
        Add(text, start, ';', "manufacturer", uri.Manufacturer);
        Add(text, start, ';', "serial", uri.Serial);
        Add(text, start, ';', "token", uri.Token);
        if (uri.Id is { } id)
            Add(text, start, ';', "id", id.Span, alwaysEscape: true);
        Add(text, start, ';', "object", uri.Object);
        Add(text, start, ';', "type", uri.Type is { } type ? TypeName(type) : null);

        int path = text.Length;
        text.Append('?');
        if (!asReference)
        {
            Add(text, path + 1, '&', "module-name", uri.ModuleName);
            Add(text, path + 1, '&', "module-path", uri.ModulePath);
            Add(text, path + 1, '&', "pin-source", uri.PinSource);
        }
        Add(text, path + 1, '&', "node-role", uri.NodeRole);
        if (text.Length == path + 1)
            text.Length = path;
        return text.ToString();
    }

    private static string TypeName(Pkcs11ObjectType type) => type switch
    {
        Pkcs11ObjectType.PrivateKey => "private",
        Pkcs11ObjectType.PublicKey => "public",
        Pkcs11ObjectType.Certificate => "cert",
        Pkcs11ObjectType.SecretKey => "secret-key",
        _ => "data",
    };

    private static void Add(StringBuilder text, int start, char separator, string name, string? value)
    {
        if (value is not null)
            Add(text, start, separator, name, Encoding.UTF8.GetBytes(value), alwaysEscape: false);
    }

    private static void Add(StringBuilder text, int start, char separator, string name, ReadOnlySpan<byte> value, bool alwaysEscape)
    {
        if (text.Length > start)
            text.Append(separator);
        text.Append(name).Append('=');
        foreach (byte b in value)
        {
            if (!alwaysEscape && (char.IsAsciiLetterOrDigit((char)b) || "-._~:@+,".Contains((char)b, StringComparison.Ordinal)))
                text.Append((char)b);
            else
                text.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }
    }
}
