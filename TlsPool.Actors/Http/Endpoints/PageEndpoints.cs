using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace TlsPool.Actors.Http.Endpoints;

/// <summary>The page for people. It holds nothing but itself: what it shows it asks for, as whoever looks at it.</summary>
internal static class PageEndpoints
{
    private static readonly (string Path, string Resource, string Type)[] Files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/charts.js", "charts.js", "text/javascript; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
    ];

    /// <summary>Adds the page.</summary>
    internal static void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string path, string resource, string type) in Files)
        {
            byte[] content = Read(resource);
            routes.MapRead(path, context =>
            {
                context.Response.ContentType = type;
                context.Response.ContentLength = content.Length;
                return context.Response.Body.WriteAsync(content, context.RequestAborted).AsTask();
            });
        }
    }

    private static byte[] Read(string resource)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"TlsPool.Actors.Http.Page.{resource}")!;
        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
