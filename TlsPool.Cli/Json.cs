using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace TlsPool.Cli;

/// <summary>Output for scripts.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Settings = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions LineSettings = new(Settings) { WriteIndented = false };

    internal static Option<bool> Option() => new("--json") { Description = "write JSON for scripts" };

    /// <summary>Writes a value over several lines.</summary>
    internal static void Write<T>(T value) => Console.WriteLine(JsonSerializer.Serialize(value, Settings));

    /// <summary>A value in one line.</summary>
    internal static string Line<T>(T value) => JsonSerializer.Serialize(value, LineSettings);
}
