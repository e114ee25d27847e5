using System.Text;
using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Tokens;

/// <summary>
/// A <c>pkcs11:</c> URI (RFC 7512): says which library, slot, token and object are meant. An attribute that is absent matches everything; a
/// path attribute that this class does not know matches nothing, and an unknown query attribute is ignored (section 2.4 there). Immutable.
/// </summary>
public sealed class Pkcs11Uri
{
    /// <summary>The scheme with its colon.</summary>
    public const string Scheme = "pkcs11:";

    /// <summary>Longest URI that is read, in characters.</summary>
    public const int MaxLength = 4096;

    /// <summary>Longest <see cref="NodeRole"/>, in characters.</summary>
    public const int MaxNodeRole = 32;

    /// <summary>Label of the token (<c>token</c>).</summary>
    public string? Token { get; init; }

    /// <summary>Manufacturer of the token (<c>manufacturer</c>).</summary>
    public string? Manufacturer { get; init; }

    /// <summary>Serial number of the token (<c>serial</c>).</summary>
    public string? Serial { get; init; }

    /// <summary>Model of the token (<c>model</c>).</summary>
    public string? Model { get; init; }

    /// <summary>Manufacturer of the library (<c>library-manufacturer</c>).</summary>
    public string? LibraryManufacturer { get; init; }

    /// <summary>Description of the library (<c>library-description</c>).</summary>
    public string? LibraryDescription { get; init; }

    /// <summary>Version of the library (<c>library-version</c>); a missing minor part is 0.</summary>
    public Version? LibraryVersion { get; init; }

    /// <summary>Number of the slot (<c>slot-id</c>).</summary>
    public ulong? SlotId { get; init; }

    /// <summary>Manufacturer of the slot (<c>slot-manufacturer</c>).</summary>
    public string? SlotManufacturer { get; init; }

    /// <summary>Description of the slot (<c>slot-description</c>).</summary>
    public string? SlotDescription { get; init; }

    /// <summary>CKA_LABEL of the object (<c>object</c>).</summary>
    public string? Object { get; init; }

    /// <summary>Class of the object (<c>type</c>).</summary>
    public Pkcs11ObjectType? Type { get; init; }

    /// <summary>CKA_ID of the object (<c>id</c>).</summary>
    public ReadOnlyMemory<byte>? Id { get; init; }

    /// <summary>Name of the module (<c>module-name</c>), without path and suffix.</summary>
    public string? ModuleName { get; init; }

    /// <summary>Path of the module (<c>module-path</c>).</summary>
    public string? ModulePath { get; init; }

    /// <summary>Where the PIN may be read (<c>pin-source</c>): a file name or <c>file:</c> URI.</summary>
    public string? PinSource { get; init; }

    /// <summary>The PIN itself (<c>pin-value</c>). A secret: it appears in no text form.</summary>
    public string? PinValue { get; init; }

    /// <summary>
    /// Role of the nodes of a cluster that have the token (<c>node-role</c>, a vendor's attribute of the query as RFC 7512 section 2.3 allows);
    /// null for this host. 1 to <see cref="MaxNodeRole"/> letters, digits and '-'. It says where a token is, not which: it takes no part in
    /// matching.
    /// </summary>
    public string? NodeRole { get; init; }

    /// <summary>True if a path attribute was not known: then nothing matches.</summary>
    public bool HasUnknownAttributes { get; init; }

    /// <summary>Reads a URI.</summary>
    /// <exception cref="FormatException">It is none; the text says where, and shows no value.</exception>
    public static Pkcs11Uri Parse(string text) => Pkcs11UriReader.Read(text);

    /// <summary>True if a token, its slot and its library have everything this URI asks for.</summary>
    public bool Matches(TokenDescription token) =>
        !HasUnknownAttributes
        && Same(Token, token.Label)
        && Same(Manufacturer, token.Manufacturer)
        && Same(Serial, token.Serial)
        && Same(Model, token.Model)
        && Same(LibraryManufacturer, token.LibraryManufacturer)
        && Same(LibraryDescription, token.LibraryDescription)
        && (LibraryVersion is null || LibraryVersion == token.LibraryVersion)
        && (SlotId is null || SlotId == token.SlotId)
        && Same(SlotManufacturer, token.SlotManufacturer)
        && Same(SlotDescription, token.SlotDescription)
        && Same(ModulePath, token.ModulePath)
        && (ModuleName is null || NamesModule(ModuleName, token.ModulePath));

    /// <summary>True if an object has everything this URI asks for.</summary>
    /// <param name="label">Its CKA_LABEL.</param>
    /// <param name="id">Its CKA_ID.</param>
    /// <param name="type">Its class.</param>
    public bool Matches(string label, ReadOnlySpan<byte> id, Pkcs11ObjectType type) =>
        !HasUnknownAttributes
        && Same(Object, label)
        && (Id is not { } wanted || wanted.Span.SequenceEqual(id))
        && (Type is null || Type == type);

    /// <summary>
    /// The reference to the private key this URI names: its path attributes, and where its token is; of the query nothing else, so that no PIN
    /// gets into it.
    /// </summary>
    public KeyReference ToKeyReference() => new(Pkcs11UriWriter.Write(this, asReference: true));

    /// <summary>The URI again, attributes in the RFC's order; <see cref="PinValue"/> is left out.</summary>
    public override string ToString() => Pkcs11UriWriter.Write(this, asReference: false);

    private static bool Same(string? wanted, string actual) => wanted is null || string.Equals(wanted, actual, StringComparison.Ordinal);

    // RFC 7512 section 2.3: the name has no "lib" in front and no suffix
    private static bool NamesModule(string name, string path)
    {
        string file = Path.GetFileNameWithoutExtension(path);
        return file == name || file == "lib" + name;
    }

    internal static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
