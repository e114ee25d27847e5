using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>Routes for those who only look.</summary>
internal static class ReadRoute
{
    /// <summary>Adds a route for GET and for HEAD, whose body the server leaves out.</summary>
    internal static IEndpointConventionBuilder MapRead(this IEndpointRouteBuilder routes, string path, RequestDelegate answer) =>
        routes.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], answer);
}
