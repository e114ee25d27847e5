using System.Buffers;
using System.Text.Json;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Writes arguments as <see cref="Arguments"/> reads them.</summary>
public static class ArgumentWriter
{
    /// <summary>UTF-8 of a JSON object.</summary>
    /// <param name="values">Texts, numbers (<see cref="long"/>), flags, lists of texts, and secrets (bytes); null values are left out.</param>
    public static byte[] Write(IReadOnlyDictionary<string, object?> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in values)
                Write(writer, name, value);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case string text:
                writer.WriteString(name, text);
                break;
            case long number:
                writer.WriteNumber(name, number);
                break;
            case bool flag:
                writer.WriteBoolean(name, flag);
                break;
            case byte[] secret:
                writer.WriteBase64String(name, secret);
                break;
            case IReadOnlyList<string> list:
                writer.WriteStartArray(name);
                foreach (string element in list)
                    writer.WriteStringValue(element);
                writer.WriteEndArray();
                break;
            default:
                throw new ArgumentException($"an argument cannot be a {value.GetType().Name}", nameof(value));
        }
    }
}
