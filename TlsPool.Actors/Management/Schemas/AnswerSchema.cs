using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Actors.Management.Schemas;

/// <summary>JSON Schemas (2020-12) of answers, made of the types that write them.</summary>
public static class AnswerSchema
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    private static readonly JsonSchemaExporterOptions Exporter = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Tighten };

    /// <summary>The schema of what an operation answers with, as a document of its own.</summary>
    public static JsonObject Of(Operation operation)
    {
        JsonObject schema = Of(operation.Result);
        schema.Insert(0, "$schema", Dialect);
        schema.Insert(1, "title", operation.Name);
        schema.Insert(2, "description", operation.Summary);
        return schema;
    }

    /// <summary>The schema of a type.</summary>
    internal static JsonObject Of(JsonTypeInfo type) => type.GetJsonSchemaAsNode(Exporter).AsObject();

    /// <summary>Numbers are written as numbers, although they may be read from texts, and all members are always there.</summary>
    private static JsonNode Tighten(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject node)
            return schema;
        if (node["type"] is JsonArray types && types.FirstOrDefault(type => type!.GetValue<string>() == "string") is { } text
            && types.Any(type => type!.GetValue<string>() is "integer" or "number"))
        {
            types.Remove(text);
            node.Remove("pattern");
            if (types is [{ } only])
                node["type"] = only.GetValue<string>();
        }
        if (node["properties"] is JsonObject properties)
            node["required"] = new JsonArray([.. properties.Select(property => JsonValue.Create(property.Key))]);
        return node;
    }
}
