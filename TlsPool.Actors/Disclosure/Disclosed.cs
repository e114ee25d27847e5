using System.Diagnostics.CodeAnalysis;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Disclosure;

/// <summary>What an entry of the disclosure database shows to a remote identity: a local identity, nobody, or the door. Immutable.</summary>
public sealed record Disclosed
{
    private Disclosed(DoNai? identity, string key) => (Identity, Key) = (identity, key);

    /// <summary>No local identity is shown, whatever the application suggests.</summary>
    public static Disclosed Nobody { get; } = new(null, "-");

    /// <summary>No local identity is shown, and an application that suggests one is refused.</summary>
    public static Disclosed Refusal { get; } = new(null, "!");

    /// <summary>The local identity; null for the other two.</summary>
    public DoNai? Identity { get; }

    /// <summary>A text that equal values have in common, for the database: no identity looks like those of the other two.</summary>
    public string Key { get; }

    /// <summary>A local identity.</summary>
    public static Disclosed Of(DoNai identity) => new(identity, identity.Key);

    /// <summary>Reads a <see cref="Key"/>.</summary>
    /// <returns>False for any other text.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out Disclosed? disclosed)
    {
        disclosed = text == Nobody.Key ? Nobody
            : text == Refusal.Key ? Refusal
            : DoNai.TryParse(text, out DoNai? identity) ? Of(identity)
            : null;
        return disclosed is not null;
    }

    /// <inheritdoc/>
    public bool Equals(Disclosed? other) => other is not null && Key == other.Key;

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);

    /// <summary>For people.</summary>
    public override string ToString() => Identity?.ToString() ?? (this == Nobody ? "(nobody)" : "(refuse)");
}
