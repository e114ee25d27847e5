using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Actors.Management.Schemas;

/// <summary>The HTTP API as OpenAPI 3.1, made of the catalogue of operations.</summary>
public static class OpenApiDocument
{
    /// <summary>Where the document is served.</summary>
    public const string Path = "/api/v1/openapi.json";

    /// <summary>Where it is told who asks.</summary>
    public const string SelfPath = "/api/v1/self";

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Lazy<byte[]> Document = new(() => JsonSerializer.SerializeToUtf8Bytes(Create(), Readable));

    /// <summary>The document.</summary>
    public static ReadOnlyMemory<byte> Utf8 => Document.Value;

    /// <summary>Where an operation is done: <c>/api/v1/session/list</c>.</summary>
    internal static string PathOf(Operation operation) => $"/api/v1/{operation.Noun}/{operation.Verb}";

    private static JsonObject Create()
    {
        var paths = new JsonObject
        {
            ["/healthz"] = Get("health", "whether the process is alive", Answers("it is", Reference("Readiness"))),
            ["/readyz"] = Get(
                "readiness",
                "whether the node takes sessions; 'degraded' does, and some of them may fail",
                Answers("it does", Reference("Readiness"), ("503", "it does not", Reference("Readiness")))),
            ["/metrics"] = Get("metrics", "the node in the text format of Prometheus (role: viewer)", new JsonObject
            {
                ["200"] = new JsonObject { ["description"] = "metrics", ["content"] = new JsonObject { ["text/plain"] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } } } },
                ["default"] = Answer("why not", Reference("Problem"), "application/problem+json"),
            }),
            [Path] = Get("openapi", "this document", Answers("this document", new JsonObject { ["type"] = "object" })),
            [SelfPath] = Get("self", "who asks, and what they may do", Answers("who that is", Reference("Caller"))),
        };
        var schemas = new JsonObject
        {
            ["Problem"] = Record(("title", Text()), ("status", new JsonObject { ["type"] = "integer" }), ("detail", Text())),
            ["Readiness"] = Record(("status", Text("alive", "ready", "degraded", "unready")), ("reasons", new JsonObject { ["type"] = "array", ["items"] = Text() })),
            ["Caller"] = Record(("name", Text()), ("role", Text([.. Enum.GetNames<ManagementRole>().Select(name => name.ToLowerInvariant())])), ("node", Text()), ("version", Text())),
        };
        foreach (Operation operation in OperationCatalogue.All)
        {
            paths[PathOf(operation)] = Describe(operation);
            schemas[NameOf(operation.Result)] ??= AnswerSchema.Of(operation.Result);
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "TLS Pool",
                ["version"] = "1",
                ["description"] = "What people who manage a TLS Pool see and do. Who asks is known by the process at the UNIX socket, or by the client certificate over TLS.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static JsonObject Describe(Operation operation)
    {
        var described = new JsonObject
        {
            ["operationId"] = operation.Name,
            ["tags"] = new JsonArray(operation.Noun),
            ["summary"] = operation.Summary,
            ["description"] = $"Takes the role {RoleName(operation)}.",
            ["x-role"] = RoleName(operation),
        };
        var query = new JsonArray();
        if (operation.Scope != OperationScope.Policy)
            query.Add(new JsonObject
            {
                ["name"] = "node",
                ["in"] = "query",
                ["description"] = operation.Scope == OperationScope.AllNodes ? "this node only, instead of all" : "the node that is to do it, instead of the one that is asked",
                ["schema"] = Text(),
            });
        if (operation.IsChange)
            described["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(ParameterSchema.Of(operation.Parameters)) };
        else
            foreach (Parameter parameter in operation.Parameters)
                query.Add(ParameterSchema.InQuery(parameter));
        described["parameters"] = query;
        described["responses"] = Answers(operation.IsChange ? "it is done" : "the answer", Reference(NameOf(operation.Result)));
        return new JsonObject { [operation.IsChange ? "post" : "get"] = described };
    }

    private static string RoleName(Operation operation) => operation.Role.ToString().ToLowerInvariant();

    /// <summary>Name of a schema: <c>SessionViewPage</c> for a part of a list of sessions.</summary>
    private static string NameOf(JsonTypeInfo type) => type.Type.IsGenericType
        ? type.Type.GetGenericArguments()[0].Name + type.Type.Name[..type.Type.Name.IndexOf('`', StringComparison.Ordinal)]
        : type.Type.Name;

    private static JsonObject Get(string id, string summary, JsonObject responses) =>
        new() { ["get"] = new JsonObject { ["operationId"] = id, ["summary"] = summary, ["responses"] = responses } };

    private static JsonObject Answers(string description, JsonObject schema, params ReadOnlySpan<(string Status, string Description, JsonObject Schema)> others)
    {
        var answers = new JsonObject { ["200"] = Answer(description, schema) };
        foreach ((string status, string other, JsonObject otherSchema) in others)
            answers[status] = Answer(other, otherSchema);
        answers["default"] = Answer("why not", Reference("Problem"), "application/problem+json");
        return answers;
    }

    private static JsonObject Answer(string description, JsonObject schema, string type = "application/json") =>
        new() { ["description"] = description, ["content"] = Content(schema, type) };

    private static JsonObject Content(JsonObject schema, string type = "application/json") => new() { [type] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static JsonObject Text(params ReadOnlySpan<string> choices)
    {
        var text = new JsonObject { ["type"] = "string" };
        if (choices.Length > 0)
            text["enum"] = new JsonArray([.. choices.ToArray().Select(choice => JsonValue.Create(choice))]);
        return text;
    }

    private static JsonObject Record(params ReadOnlySpan<(string Name, JsonObject Schema)> members)
    {
        var properties = new JsonObject();
        foreach ((string name, JsonObject schema) in members)
            properties[name] = schema;
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. properties.Select(property => JsonValue.Create(property.Key))]),
        };
    }
}
