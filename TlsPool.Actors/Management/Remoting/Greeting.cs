using System.Text.Json;
using System.Text.Json.Serialization;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>
/// What a node says first to a program that manages it: a line of JSON, before Akka's remoting begins. The program then is the one that it is
/// called in it, and nobody else.
/// </summary>
/// <param name="Protocol">Version of what follows.</param>
/// <param name="Name">What the program is called: the host in its address.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="Version">Version of the daemon.</param>
/// <param name="Principal">Who the program speaks for.</param>
/// <param name="Role">viewer, operator or admin.</param>
/// <param name="Refusal">Why the node wants nothing to do with it; null if it does.</param>
public sealed record Greeting(int Protocol, string Name, string Node, string Version, string Principal, string Role, string? Refusal)
{
    /// <summary>The version that this program speaks.</summary>
    public const int CurrentProtocol = 1;

    /// <summary>Bytes of the longest line.</summary>
    private const int MaxLine = 8 * 1024;

    /// <summary>Writes it.</summary>
    internal async Task WriteAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(this, GreetingJsonContext.Default.Greeting), (byte)'\n'];
        await stream.WriteAsync(line, cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads one, and nothing of what follows.</summary>
    /// <exception cref="ManagementException">There is none.</exception>
    internal static async Task<Greeting> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] line = new byte[MaxLine];
        int length = 0;
        while (true)
        {
            if (length == line.Length || await stream.ReadAsync(line.AsMemory(length, 1), cancellation).ConfigureAwait(false) == 0)
                throw new ManagementException(ManagementFault.NoAnswer, "that is no pool, or it ends just now");
            if (line[length] == '\n')
                break;
            length++;
        }
        try
        {
            return JsonSerializer.Deserialize(line.AsSpan(0, length), GreetingJsonContext.Default.Greeting)
                ?? throw new ManagementException(ManagementFault.NoAnswer, "that is no pool");
        }
        catch (JsonException)
        {
            throw new ManagementException(ManagementFault.NoAnswer, "that is no pool: its first line is none of the pool's");
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Greeting))]
internal sealed partial class GreetingJsonContext : JsonSerializerContext;
