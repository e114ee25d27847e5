using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace TlsPool.Actors.Http;

/// <summary>Why a request was not done (RFC 9457).</summary>
/// <param name="Title">What the status means.</param>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Detail">The reason, and what to do; no secret.</param>
internal sealed record HttpProblem(string Title, int Status, string Detail)
{
    private const string ContentType = "application/problem+json";

    /// <summary>Answers with a problem, unless another answer has begun: then the connection ends, so that nobody takes a part for the whole.</summary>
    internal static Task WriteAsync(HttpContext context, int status, string detail)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = ContentType;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(new HttpProblem(ReasonPhrases.GetReasonPhrase(status), status, detail), HttpJson.Default.HttpProblem);
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Says in words what the routes could only say as a number.</summary>
    internal static Task ExplainAsync(HttpContext context) => (context.Response.HasStarted, context.Response.StatusCode, context.Response.ContentLength) switch
    {
        (false, StatusCodes.Status404NotFound, null) => WriteAsync(context, StatusCodes.Status404NotFound, "there is nothing here: /api/v1/openapi.json says what there is"),
        (false, StatusCodes.Status405MethodNotAllowed, null) => WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "this takes another method: 'Allow' says which"),
        _ => Task.CompletedTask,
    };
}
