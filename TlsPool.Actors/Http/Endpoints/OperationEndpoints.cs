using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using TlsPool.Actors.Http.Connections;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Schemas;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>The operations of the catalogue: GET for what only looks, POST for changes.</summary>
internal static class OperationEndpoints
{
    /// <summary>A login of a token, which is the slowest, takes less.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Adds what is below <c>/api/v1</c>.</summary>
    internal static void Map(IEndpointRouteBuilder routes, HttpSettings settings)
    {
        routes.MapRead(OpenApiDocument.Path, context => JsonAnswer.WriteAsync(context, OpenApiDocument.Utf8));
        routes.MapRead(OpenApiDocument.SelfPath, context =>
        {
            Principal principal = context.Features.GetRequiredFeature<HttpCaller>().Principal(settings.Access);
            var view = new CallerView(principal.Name, principal.RoleName, settings.Desk.Node, BuildFacts.Current.Release);
            return JsonAnswer.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(view, HttpJson.Default.CallerView));
        });
        foreach (Operation operation in OperationCatalogue.All)
        {
            IEndpointConventionBuilder route = operation.IsChange
                ? routes.MapPost(OpenApiDocument.PathOf(operation), context => ChangeAsync(context, operation, settings.Desk))
                : routes.MapRead(OpenApiDocument.PathOf(operation), context => LookAsync(context, operation, settings.Desk));
            route.WithMetadata(NeedsRole.Identity);
        }
    }

    private static Task LookAsync(HttpContext context, Operation operation, ManagementDesk desk) =>
        DoAsync(context, operation, desk, RequestArguments.OfQuery(operation, context.Request.Query));

    private static async Task ChangeAsync(HttpContext context, Operation operation, ManagementDesk desk)
    {
        byte[] arguments = await RequestArguments.OfBodyAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        try
        {
            await DoAsync(context, operation, desk, arguments).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(arguments);
        }
    }

    private static async Task DoAsync(HttpContext context, Operation operation, ManagementDesk desk, byte[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(Patience);
        byte[] body = await desk.DoAsync(
            context.Features.GetRequiredFeature<Principal>(), operation.Name, RequestArguments.NodeOf(context.Request), arguments, limit.Token).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, body).ConfigureAwait(false);
    }
}
