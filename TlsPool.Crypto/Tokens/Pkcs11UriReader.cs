using System.Globalization;
using System.Text;

namespace TlsPool.Crypto.Tokens;

/// <summary>Reads the grammar of RFC 7512 section 2.3.</summary>
internal static class Pkcs11UriReader
{
    public static Pkcs11Uri Read(string text)
    {
        if (text.Length > Pkcs11Uri.MaxLength)
            throw new FormatException($"a pkcs11 URI has at most {Pkcs11Uri.MaxLength} characters");
        if (!text.StartsWith(Pkcs11Uri.Scheme, StringComparison.OrdinalIgnoreCase))
            throw new FormatException("a pkcs11 URI starts with \"pkcs11:\"");
        foreach (char c in text)
        {
            if (c is <= ' ' or > '~' or '#')
                throw new FormatException("a pkcs11 URI has printable ASCII characters only; write others as %XX");
        }

        string rest = text[Pkcs11Uri.Scheme.Length..];
        int question = rest.IndexOf('?', StringComparison.Ordinal);
        Dictionary<string, byte[]> path = Attributes(question < 0 ? rest : rest[..question], ';', mayRepeat: false);
        Dictionary<string, byte[]> query = Attributes(question < 0 ? "" : rest[(question + 1)..], '&', mayRepeat: true);

        var uri = new Pkcs11Uri
        {
            Token = TakeText(path, "token"),
            Manufacturer = TakeText(path, "manufacturer"),
            Serial = TakeText(path, "serial"),
            Model = TakeText(path, "model"),
            LibraryManufacturer = TakeText(path, "library-manufacturer"),
            LibraryDescription = TakeText(path, "library-description"),
            LibraryVersion = TakeVersion(path),
            SlotId = TakeSlotId(path),
            SlotManufacturer = TakeText(path, "slot-manufacturer"),
            SlotDescription = TakeText(path, "slot-description"),
            Object = TakeText(path, "object"),
            Type = TakeType(path),
            Id = path.Remove("id", out byte[]? id) ? id : (ReadOnlyMemory<byte>?)null,
            ModuleName = TakeText(query, "module-name"),
            ModulePath = TakeText(query, "module-path"),
            PinSource = TakeText(query, "pin-source"),
            PinValue = TakeText(query, "pin-value"),
            NodeRole = TakeNodeRole(query),
            HasUnknownAttributes = path.Count > 0,
        };
        if (uri.PinSource is not null && uri.PinValue is not null)
            throw new FormatException("a pkcs11 URI has pin-source or pin-value, not both");
        return uri;
    }

    private static Dictionary<string, byte[]> Attributes(string part, char separator, bool mayRepeat)
    {
        var found = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        if (part.Length == 0)
            return found;
        foreach (string attribute in part.Split(separator))
        {
            int equals = attribute.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new FormatException("an attribute of a pkcs11 URI is name=value");
            string name = attribute[..equals];
            if (!IsName(name))
                throw new FormatException("names of attributes in a pkcs11 URI have letters, digits, '-' and '_'");
            byte[] value = PercentDecode(attribute.AsSpan(equals + 1), name);
            if (!found.TryAdd(name, value) && (!mayRepeat || IsKnownQuery(name)))
                throw new FormatException($"attribute {name} of a pkcs11 URI is there twice");
        }
        return found;
    }

    private static bool IsKnownQuery(string name) => name is "module-name" or "module-path" or "pin-source" or "pin-value" or "node-role";

    private static bool IsName(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                return false;
        }
        return true;
    }

    private static byte[] PercentDecode(ReadOnlySpan<char> text, string name)
    {
        var bytes = new byte[text.Length];
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                bytes[length++] = (byte)text[i];
                continue;
            }
            if (i + 2 >= text.Length || !byte.TryParse(text.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
                throw new FormatException($"attribute {name} of a pkcs11 URI has a '%' without two hexadecimal digits");
            bytes[length++] = value;
            i += 2;
        }
        return bytes[..length];
    }

    private static string? TakeText(Dictionary<string, byte[]> attributes, string name)
    {
        if (!attributes.Remove(name, out byte[]? value))
            return null;
        try
        {
            return Pkcs11Uri.StrictUtf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            throw new FormatException($"attribute {name} of a pkcs11 URI is not UTF-8");
        }
    }

    private static string? TakeNodeRole(Dictionary<string, byte[]> attributes)
    {
        if (TakeText(attributes, "node-role") is not { } role)
            return null;
        bool right = role.Length is >= 1 and <= Pkcs11Uri.MaxNodeRole && role.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
        return right
            ? role
            : throw new FormatException($"node-role of a pkcs11 URI has 1 to {Pkcs11Uri.MaxNodeRole} letters, digits and '-'");
    }

    private static Version? TakeVersion(Dictionary<string, byte[]> attributes)
    {
        if (TakeText(attributes, "library-version") is not { } text)
            return null;
        string[] parts = text.Split('.');
        if (parts.Length > 2 || !TryNumber(parts[0], out byte major))
            throw new FormatException("library-version of a pkcs11 URI is M or M.N, each 0 to 255");
        byte minor = 0;
        if (parts.Length == 2 && !TryNumber(parts[1], out minor))
            throw new FormatException("library-version of a pkcs11 URI is M or M.N, each 0 to 255");
        return new Version(major, minor);
    }

    private static bool TryNumber(string text, out byte number) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static ulong? TakeSlotId(Dictionary<string, byte[]> attributes)
    {
        if (TakeText(attributes, "slot-id") is not { } text)
            return null;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong id)
            ? id
            : throw new FormatException("slot-id of a pkcs11 URI is a decimal number");
    }

    private static Pkcs11ObjectType? TakeType(Dictionary<string, byte[]> attributes) => TakeText(attributes, "type") switch
    {
        null => null,
        "private" => Pkcs11ObjectType.PrivateKey,
        "public" => Pkcs11ObjectType.PublicKey,
        "cert" => Pkcs11ObjectType.Certificate,
        "secret-key" => Pkcs11ObjectType.SecretKey,
        "data" => Pkcs11ObjectType.Data,
        _ => throw new FormatException("type of a pkcs11 URI is public, private, cert, secret-key or data"),
    };
}
