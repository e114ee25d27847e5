using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>For those who start, stop and balance: is it alive, and does it take sessions? Takes no role, and tells nothing else.</summary>
internal static class HealthEndpoints
{
    /// <summary>Adds <c>/healthz</c> and <c>/readyz</c>.</summary>
    internal static void Map(IEndpointRouteBuilder routes, Readiness readiness)
    {
        routes.MapRead("/healthz", context => WriteAsync(context, new ReadinessView("alive", [])));
        routes.MapRead("/readyz", async context =>
        {
            ReadinessView view = await readiness.LookAsync().ConfigureAwait(false);
            if (!view.TakesSessions)
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await WriteAsync(context, view).ConfigureAwait(false);
        });
    }

    private static Task WriteAsync(HttpContext context, ReadinessView view) =>
        JsonAnswer.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(view, HttpJson.Default.ReadinessView));
}
