using Microsoft.AspNetCore.Http;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>An answer in JSON.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">UTF-8.</param>
    internal static Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
