using System.Security.Cryptography;
using System.Text.Json;

namespace TlsPool.Actors.Management.Operations;

/// <summary>What an operation was told, checked against its parameters: what it does not know is refused, as it may have been meant to narrow what is done.</summary>
public sealed class Arguments : IDisposable
{
    private const int MaxText = 4096;
    private const int MaxCertificates = 256 * 1024;
    private const int MaxList = 256;

    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    private Arguments()
    {
    }

    /// <summary>Reads arguments.</summary>
    /// <param name="json">UTF-8 of a JSON object; empty for no arguments.</param>
    /// <param name="parameters">What may be in it.</param>
    /// <exception cref="ManagementException">They are none that the operation takes.</exception>
    public static Arguments Read(ReadOnlySpan<byte> json, IReadOnlyList<Parameter> parameters)
    {
        var arguments = new Arguments();
        try
        {
            var reader = new Utf8JsonReader(json.IsEmpty ? "{}"u8 : json, new JsonReaderOptions { MaxDepth = 3 });
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object || reader.Read())
                throw Bad("arguments are a JSON object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                Parameter parameter = parameters.FirstOrDefault(one => one.Name == property.Name)
                    ?? throw Bad($"there is no argument '{Shortened(property.Name)}': {Names(parameters)}");
                if (property.Value.ValueKind != JsonValueKind.Null && !arguments._values.TryAdd(parameter.Name, Value(parameter, property.Value)))
                    throw Bad($"'{parameter.Name}' is there twice");
            }
        }
        catch (JsonException)
        {
            arguments.Dispose();
            // What the reader says has parts of what was sent, which may be a PIN.
            throw Bad("the arguments are no JSON, or too deep");
        }
        catch (ManagementException)
        {
            arguments.Dispose();
            throw;
        }
        if (parameters.FirstOrDefault(one => one.IsRequired && !arguments._values.ContainsKey(one.Name)) is { } missing)
            throw Bad($"'{missing.Name}' is missing: {missing.Summary}");
        return arguments;
    }

    /// <summary>A text; null if it was not given.</summary>
    public string? Text(string name) => _values.GetValueOrDefault(name) as string;

    /// <summary>A text that the operation needs.</summary>
    public string Needed(string name) => (string)_values[name];

    /// <summary>A number; null if it was not given.</summary>
    public long? Number(string name) => _values.GetValueOrDefault(name) as long?;

    /// <summary>Yes or no; no if it was not given.</summary>
    public bool Flag(string name) => _values.GetValueOrDefault(name) is true;

    /// <summary>Texts; none if they were not given.</summary>
    public IReadOnlyList<string> List(string name) => _values.GetValueOrDefault(name) as IReadOnlyList<string> ?? [];

    /// <summary>A secret, which is overwritten when the arguments are disposed of; null if it was not given.</summary>
    public byte[]? Secret(string name) => _values.GetValueOrDefault(name) as byte[];

    /// <summary>Overwrites secrets.</summary>
    public void Dispose()
    {
        foreach (byte[] secret in _values.Values.OfType<byte[]>())
            CryptographicOperations.ZeroMemory(secret);
    }

    private static object Value(Parameter parameter, JsonElement value)
    {
        if (!parameter.IsList)
            return One(parameter, value);
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > MaxList)
            throw Bad($"'{parameter.Name}' takes a list of at most {MaxList}");
        return value.EnumerateArray().Select(element => (string)One(parameter, element)).ToList();
    }

    private static object One(Parameter parameter, JsonElement value) => (parameter.Kind, value.ValueKind) switch
    {
        (ParameterKind.Number, JsonValueKind.Number) when value.TryGetInt64(out long number) && number >= 0 => number,
        (ParameterKind.Number, _) => throw Bad($"'{parameter.Name}' takes a number that is not negative"),
        (ParameterKind.Flag, JsonValueKind.True) => true,
        (ParameterKind.Flag, JsonValueKind.False) => false,
        (ParameterKind.Flag, _) => throw Bad($"'{parameter.Name}' takes true or false"),
        (ParameterKind.Secret, JsonValueKind.String) when value.TryGetBytesFromBase64(out byte[]? secret) => secret,
        (ParameterKind.Secret, _) => throw Bad($"'{parameter.Name}' takes Base64"),
        (_, JsonValueKind.String) => TextOf(parameter, value.GetString()!),
        _ => throw Bad($"'{parameter.Name}' takes a text"),
    };

    private static string TextOf(Parameter parameter, string text)
    {
        int limit = parameter.Kind == ParameterKind.Certificates ? MaxCertificates : MaxText;
        if (text.Length > limit)
            throw Bad($"'{parameter.Name}' has at most {limit} characters");
        if (parameter.Kind != ParameterKind.Certificates && text.Any(char.IsControl))
            throw Bad($"'{parameter.Name}' takes no control characters");
        if (parameter.Choices.Count > 0 && !parameter.Choices.Contains(text))
            throw Bad($"'{parameter.Name}' is one of {string.Join(", ", parameter.Choices)}");
        return text;
    }

    private static string Names(IReadOnlyList<Parameter> parameters) =>
        parameters.Count == 0 ? "there are none" : $"there are {string.Join(", ", parameters.Select(one => one.Name))}";

    private static string Shortened(string text) => Logging.PoolLoggerProvider.OneLine(text.Length > 32 ? text[..32] : text);

    private static ManagementException Bad(string message) => new(ManagementFault.BadRequest, message);
}
