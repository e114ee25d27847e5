using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Schemas;

namespace TlsPool.Cli.Schemas;

/// <summary><c>tlspool schema</c>: what the JSON of answers looks like, for those who write programs for it.</summary>
internal static class SchemaCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static Command Create()
    {
        var operation = new Argument<string?>("operation")
        {
            Description = "noun and verb, as session.list: the JSON Schema of what it answers with; without it, the OpenAPI document of the HTTP API",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("schema", "JSON Schema of an answer, or the OpenAPI document of all") { operation };
        return command.Does(result =>
        {
            Console.WriteLine(result.GetValue(operation) is { } name ? SchemaOf(name) : Encoding.UTF8.GetString(OpenApiDocument.Utf8.Span));
            return 0;
        });
    }

    private static string SchemaOf(string name) => OperationCatalogue.Find(name) is { } operation
        ? AnswerSchema.Of(operation).ToJsonString(Indented)
        : throw new CommandException($"there is no operation '{TerminalText.Printable(name)}': {string.Join(", ", OperationCatalogue.All.Select(known => known.Name))}");
}
