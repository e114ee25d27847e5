using System.Text.Json;

namespace TlsPool.Actors.Storage.Replication;

/// <summary>Declares a column that is replicated. Immutable.</summary>
/// <param name="Name">Its name in the table, and in the JSON of values.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Default">What it gets when a record of an older version does not have it; null where such a record cannot be used.</param>
/// <param name="IsShown">False to keep what it holds out of reports.</param>
internal sealed record ReplicatedColumn(string Name, ReplicatedType Type, object? Default = null, bool IsShown = true)
{
    /// <summary>SQL that makes it ready for JSON.</summary>
    /// <param name="row">Name of the row: <c>NEW</c>, <c>OLD</c> or a table.</param>
    internal string Expression(string row) => Type == ReplicatedType.Blob ? $"hex({row}.{Name})" : $"{row}.{Name}";

    /// <summary>Reads it from JSON.</summary>
    /// <param name="json">What is there.</param>
    /// <param name="value">Receives a string, a long, an array of bytes or null.</param>
    /// <returns>False if it is of another type.</returns>
    /// <exception cref="InvalidOperationException">A string is not Unicode.</exception>
    internal bool TryRead(JsonElement json, out object? value)
    {
        value = null;
        switch (Type, json.ValueKind)
        {
            case (_, JsonValueKind.Null):
                return true;
            case (ReplicatedType.Text, JsonValueKind.String):
                value = json.GetString();
                return true;
            case (ReplicatedType.Integer, JsonValueKind.Number) when json.TryGetInt64(out long number):
                value = number;
                return true;
            case (ReplicatedType.Blob, JsonValueKind.String):
                return TryReadHex(json.GetString()!, out value);
            default:
                return false;
        }
    }

    private static bool TryReadHex(string text, out object? value)
    {
        bool isHex = text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit);
        value = isHex ? Convert.FromHexString(text) : null;
        return isHex;
    }
}
