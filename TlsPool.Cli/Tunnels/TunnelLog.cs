using System.Globalization;

namespace TlsPool.Cli.Tunnels;

/// <summary>One line per connection: text for people, or JSON.</summary>
internal sealed class TunnelLog(bool json, bool quiet)
{
    /// <summary>The tunnel is open.</summary>
    internal void Listening(string role, TunnelAddress listen, TunnelAddress connect, string pool)
    {
        if (json)
            Console.WriteLine(Json.Line(new { Event = "listening", Role = role, Listen = listen.ToString(), Connect = connect.ToString(), Pool = pool }));
        else if (!quiet)
            Console.WriteLine($"{role} tunnel: {listen} -> {connect} through {pool}");
    }

    /// <summary>Something about handing over.</summary>
    internal void HandOver(string what)
    {
        if (json)
            Console.WriteLine(Json.Line(new { Event = "hand-over", Text = what }));
        else if (!quiet)
            Console.WriteLine($"hand-over: {what}");
    }

    /// <summary>True if <see cref="Established"/> writes anything.</summary>
    internal bool WritesEstablished => !quiet;

    /// <summary>A session is set up.</summary>
    internal void Established(string from, string to, string localId, string remoteId, string parameters, TimeSpan took)
    {
        double milliseconds = Math.Round(took.TotalMilliseconds, 1);
        if (quiet)
            return;
        if (json)
            Console.WriteLine(Json.Line(new { Event = "established", From = from, To = to, LocalId = localId, RemoteId = remoteId, Tls = parameters, Milliseconds = milliseconds }));
        else
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{from} -> {to}: local {OrDash(localId)}, remote {OrDash(remoteId)}, {TerminalText.Printable(parameters)}, set up in {milliseconds} ms"));
    }

    /// <summary>A connection came to nothing.</summary>
    internal void Failed(string from, string reason)
    {
        if (json)
            Console.WriteLine(Json.Line(new { Event = "failed", From = from, Reason = reason }));
        else
            Console.Error.WriteLine($"{from}: failed: {TerminalText.Printable(reason)}");
    }

    private static string OrDash(string text) => text.Length == 0 ? "-" : TerminalText.Printable(text);
}
