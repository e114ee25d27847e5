using System.Security.Cryptography;
using System.Text.Json;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Views;
using TlsPool.Cli.Consoles.Drawing;

namespace TlsPool.Cli.Consoles;

/// <summary>Has the node do something, while the console goes on, and tells what became of it.</summary>
/// <param name="link">The connection.</param>
/// <param name="post">Has something done on the console's own thread.</param>
/// <param name="tell">Tells people.</param>
internal sealed class ActionRunner(NodeLink link, Action<Action> post, Action<string, Tone> tell)
{
    /// <summary>Does it.</summary>
    /// <param name="action">What.</param>
    /// <param name="arguments">Its arguments; secrets in it are overwritten.</param>
    /// <param name="node">Where; empty for the usual node.</param>
    /// <param name="done">Is told when it is done.</param>
    internal async Task RunAsync(Operation action, Dictionary<string, object?> arguments, string node, Action done)
    {
        byte[] json = ArgumentWriter.Write(arguments);
        foreach (byte[] secret in arguments.Values.OfType<byte[]>())
            CryptographicOperations.ZeroMemory(secret);
        try
        {
            ReadOnlyMemory<byte> body = await link.DoAsync(action.Name, json, node).ConfigureAwait(false);
            Done answer = JsonSerializer.Deserialize(body.Span, ManagementJson.Of<Done>())!;
            string warnings = string.Concat(answer.Warnings.Select(warning => $". Warning: {warning}"));
            post(() =>
            {
                tell(answer.Text + warnings, answer.Warnings.Count > 0 ? Tone.Warning : Tone.Good);
                done();
            });
        }
        catch (Exception failure) when (failure is ManagementException or JsonException)
        {
            post(() => tell($"{action.Noun} {action.Verb}: {failure.Message}", Tone.Bad));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }
}
