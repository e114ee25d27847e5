using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Wire;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>Takes requests apart: which node, and what it is told. What it means is checked by the operation.</summary>
internal static class RequestArguments
{
    /// <summary>Name of the parameter that says which node.</summary>
    internal const string Node = "node";

    private const string JsonType = "application/json";

    /// <summary>The node; empty for the usual one.</summary>
    /// <exception cref="ManagementException">It is there twice.</exception>
    internal static string NodeOf(HttpRequest request) => request.Query.TryGetValue(Node, out StringValues values) ? Single(Node, values) : "";

    /// <summary>Arguments in the query, as UTF-8 of a JSON object.</summary>
    /// <exception cref="ManagementException">One is there twice that may not be.</exception>
    internal static byte[] OfQuery(Operation operation, IQueryCollection query)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach ((string name, StringValues given) in query)
        {
            if (name != Node)
                values[name] = Value(operation.Parameters.FirstOrDefault(one => one.Name == name), name, given);
        }
        return ArgumentWriter.Write(values);
    }

    /// <summary>Arguments in the body, as UTF-8 of what should be a JSON object. It may have a PIN: overwrite it.</summary>
    /// <exception cref="BadHttpRequestException">It is none, or too long.</exception>
    internal static async Task<byte[]> OfBodyAsync(HttpRequest request, CancellationToken cancellation)
    {
        // A type that forms of other sites cannot send.
        if (request.ContentType?.Split(';')[0].Trim().Equals(JsonType, StringComparison.OrdinalIgnoreCase) != true)
            throw new BadHttpRequestException($"arguments are sent as {JsonType}", StatusCodes.Status415UnsupportedMediaType);
        if (request.Query.Keys.FirstOrDefault(name => name != Node) is not null)
            throw new BadHttpRequestException($"a change takes its arguments in the body, and only '{Node}' in the query");
        byte[] buffer = new byte[Math.Min(request.ContentLength ?? ManagementWire.MaxArguments, ManagementWire.MaxArguments)];
        int length = 0;
        while (await request.Body.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false) is > 0 and var count)
            length += count;
        return length == buffer.Length ? buffer : Cut(buffer, length);
    }

    private static byte[] Cut(byte[] buffer, int length)
    {
        byte[] part = buffer[..length];
        buffer.AsSpan().Clear();
        return part;
    }

    // What is not known, or no number, is refused with the operation's own words.
    private static object Value(Parameter? parameter, string name, StringValues given)
    {
        if (parameter is { IsList: true })
            return given.Select(value => value ?? "").ToList();
        string text = Single(name, given);
        return parameter?.Kind switch
        {
            ParameterKind.Number when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) => number,
            ParameterKind.Flag when bool.TryParse(text, out bool flag) => flag,
            _ => text,
        };
    }

    private static string Single(string name, StringValues values) => values is [{ } only]
        ? only
        : throw new ManagementException(ManagementFault.BadRequest, $"'{Logging.PoolLoggerProvider.OneLine(name)}' is there twice");
}
