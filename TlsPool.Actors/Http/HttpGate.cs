using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using TlsPool.Actors.Http.Connections;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Http;

/// <summary>
/// What every request passes: it has to be meant for this server, must not come from a page of somebody else, and must come from somebody who
/// is known where that counts. What goes wrong behind it becomes an answer.
/// </summary>
/// <param name="settings">Name, roles and log.</param>
internal sealed class HttpGate(HttpSettings settings)
{
    // Scripts and styles of the server itself, and nothing from elsewhere.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost", "127.0.0.1", "[::1]", settings.Name[(settings.Name.IndexOf('@', StringComparison.Ordinal) + 1)..],
    };

    /// <summary>Lets a request pass, or answers it.</summary>
    internal async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        SetHeaders(context.Response.Headers);
        try
        {
            if (!_names.Contains(context.Request.Host.Host) || context.Request.Host.Host.Length == 0)
                await HttpProblem.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, "this server does not have the name in 'Host': use localhost, 127.0.0.1, [::1] or http_identity").ConfigureAwait(false);
            else if (IsFromElsewhere(context.Request))
                await HttpProblem.WriteAsync(context, StatusCodes.Status403Forbidden, "a page of another site has no business here").ConfigureAwait(false);
            else if (Objection(context) is (var status, var reason))
                await HttpProblem.WriteAsync(context, status, reason).ConfigureAwait(false);
            else
                await next(context).ConfigureAwait(false);
        }
        catch (ManagementException failure)
        {
            await HttpProblem.WriteAsync(context, (int)failure.Fault, failure.Message).ConfigureAwait(false);
        }
        catch (BadHttpRequestException failure)
        {
            await HttpProblem.WriteAsync(context, failure.StatusCode, failure.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits any more.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            settings.Log.LogError("HTTP {Method} {Path} failed ({Failure})", context.Request.Method, context.Request.Path, failure.GetType().Name);
            await HttpProblem.WriteAsync(context, StatusCodes.Status500InternalServerError, "it failed: the log says more").ConfigureAwait(false);
        }
        await HttpProblem.ExplainAsync(context).ConfigureAwait(false);
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    /// <summary>Browsers say where a request comes from; programs say nothing. A link to the page may come from anywhere.</summary>
    private static bool IsFromElsewhere(HttpRequest request)
    {
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/metrics"))
            return false;
        string site = request.Headers["Sec-Fetch-Site"].ToString();
        string origin = request.Headers.Origin.ToString();
        return site is not ("" or "same-origin" or "none")
            || (origin.Length > 0 && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? from) && new HostString(from.Authority).Equals(request.Host)));
    }

    private (int Status, string Reason)? Objection(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsRole>() is not { Role: var needed })
            return null;
        Principal principal = context.Features.GetRequiredFeature<HttpCaller>().Principal(settings.Access);
        context.Features.Set(principal);
        if (principal.Name.Length == 0)
        {
            context.Response.Headers.WWWAuthenticate = "ClientCertificate";
            return (StatusCodes.Status401Unauthorized, "show a certificate that the pool trusts: who one is decides what one may");
        }
        // The route's own text: what a client has written there is nothing for the audit trail.
        settings.Desk.Demand(principal, needed, (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "that");
        return null;
    }
}
