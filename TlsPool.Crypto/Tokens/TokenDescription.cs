namespace TlsPool.Crypto.Tokens;

/// <summary>What a token says about itself, its slot and its library; blanks at the end are stripped. Immutable.</summary>
public sealed record TokenDescription
{
    /// <summary>Label that its owner gave it.</summary>
    public required string Label { get; init; }

    /// <summary>Who made it.</summary>
    public required string Manufacturer { get; init; }

    /// <summary>Model.</summary>
    public required string Model { get; init; }

    /// <summary>Serial number.</summary>
    public required string Serial { get; init; }

    /// <summary>Number of the slot it is in. May change when it is taken out and put in again.</summary>
    public ulong SlotId { get; init; }

    /// <summary>Description of the slot.</summary>
    public string SlotDescription { get; init; } = "";

    /// <summary>Who made the slot.</summary>
    public string SlotManufacturer { get; init; } = "";

    /// <summary>Description of the library.</summary>
    public string LibraryDescription { get; init; } = "";

    /// <summary>Who made the library.</summary>
    public string LibraryManufacturer { get; init; } = "";

    /// <summary>Version of the library.</summary>
    public Version LibraryVersion { get; init; } = new(0, 0);

    /// <summary>File of the module; empty for the built-in store.</summary>
    public string ModulePath { get; init; } = "";

    /// <summary>True if both describe the same token, perhaps in another slot.</summary>
    public bool IsSameToken(TokenDescription other) =>
        (Label, Manufacturer, Model, Serial, ModulePath) == (other.Label, other.Manufacturer, other.Model, other.Serial, other.ModulePath);

    /// <summary>The URI of this token, without slot and library, so that it survives being moved.</summary>
    public Pkcs11Uri ToUri() => new() { Token = Label, Manufacturer = Manufacturer, Model = Model, Serial = Serial };

    /// <inheritdoc/>
    public override string ToString() => $"token \"{Label}\" ({Manufacturer} {Model}, serial {Serial})";
}
