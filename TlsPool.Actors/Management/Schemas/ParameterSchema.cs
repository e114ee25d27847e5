using System.Text.Json.Nodes;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Actors.Management.Schemas;

/// <summary>JSON Schemas of what operations are told.</summary>
internal static class ParameterSchema
{
    /// <summary>All parameters as one object, as a POST has them in its body.</summary>
    internal static JsonObject Of(IReadOnlyList<Parameter> parameters)
    {
        var properties = new JsonObject();
        foreach (Parameter parameter in parameters)
        {
            JsonObject schema = ValueOf(parameter);
            schema["description"] = parameter.Summary;
            properties[parameter.Name] = schema;
        }
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. parameters.Where(parameter => parameter.IsRequired).Select(parameter => JsonValue.Create(parameter.Name))]),
            ["additionalProperties"] = false,
        };
    }

    /// <summary>A parameter in the query; one that takes several values is repeated.</summary>
    internal static JsonObject InQuery(Parameter parameter) => new()
    {
        ["name"] = parameter.Name,
        ["in"] = "query",
        ["description"] = parameter.Summary,
        ["required"] = parameter.IsRequired,
        ["schema"] = ValueOf(parameter),
    };

    private static JsonObject ValueOf(Parameter parameter)
    {
        JsonObject one = parameter.Kind switch
        {
            ParameterKind.Number => new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
            ParameterKind.Flag => new JsonObject { ["type"] = "boolean" },
            ParameterKind.Secret => new JsonObject { ["type"] = "string", ["contentEncoding"] = "base64" },
            _ => new JsonObject { ["type"] = "string" },
        };
        if (parameter.Choices.Count > 0)
            one["enum"] = new JsonArray([.. parameter.Choices.Select(choice => JsonValue.Create(choice))]);
        return parameter.IsList ? new JsonObject { ["type"] = "array", ["items"] = one } : one;
    }
}
