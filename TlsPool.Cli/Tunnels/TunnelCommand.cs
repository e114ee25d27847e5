using System.CommandLine;
using TlsPool.Cli.Tunnels.Preambles;
using TlsPool.Protocol.Frames;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Tunnels;

/// <summary><c>tlspool tunnel</c>: puts TLS before a server, or behind a client, that has none.</summary>
internal static class TunnelCommand
{
    private const StartTlsFlags ServerRoles = StartTlsFlags.LocalRoleServer | StartTlsFlags.RemoteRoleClient;
    private const StartTlsFlags ClientRoles = StartTlsFlags.LocalRoleClient | StartTlsFlags.RemoteRoleServer;

    private static readonly Option<bool> Server = new("--server") { Description = "end TLS that comes in, and connect to a server without TLS" };
    private static readonly Option<bool> Client = new("--client") { Description = "begin TLS for clients that have none" };
    private static readonly Option<string> Listen = Required("--listen", "where connections come in: host:port, [v6]:port, port, the path of a UNIX socket, or systemd for the one that a socket unit passes");
    private static readonly Option<string> Connect = Required(
        "--connect", "where they go to: host:port, [v6]:port, port, or a path, in which %L and %R stand for the local and the remote identity");

    private static readonly Option<string> LocalId = Text("--local-id", "identity", "who to be (default: the pool's choice)");
    private static readonly Option<string> RemoteId = Text("--remote-id", "identity", "who the other side has to be");
    private static readonly Option<string> Service = Text("--service", "name", "IANA name of the protocol inside; \"http\", \"imap\"");
    private static readonly Option<bool> Fork = new("--fork") { Description = "sessions go on when the tunnel ends" };
    private static readonly Option<string?> Verify = new("--verify")
    {
        Description = "what to do about the other side's certificate: demand one, request one, or ignore it (default: demand of servers, ignore of clients)",
    };

    private static readonly Option<string?> StartTls = new("--starttls")
    {
        Description = "begin in the clear, as this protocol does",
    };

    private static readonly Option<string[]> Chat = new("--chat")
    {
        Description = "begin in the clear with steps expect:TEXT and send:TEXT, in order (may be given often)",
        HelpName = "step",
    };

    private static readonly Option<bool> Peer = new("--peer")
    {
        Description = "let the handshake decide who is TLS client and who is server; --server and --client then say who connects to whom",
    };

    private static readonly Option<bool> OnTheFly = new("--onthefly")
    {
        Description = "have the pool make a certificate for whatever name is asked for: this intercepts (docs/onthefly.md)",
    };

    private static readonly Option<bool> Proxy = new("--proxy-protocol")
    {
        Description = "begin backend connections with a PROXY protocol v2 header (with --server)",
    };

    private static readonly Option<int> TimeoutSeconds = new("--timeout")
    {
        Description = "seconds until bytes must flow",
        HelpName = "seconds",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<int> MaxSetups = new("--max-setups")
    {
        Description = "connections set up at one time; more of them wait",
        HelpName = "number",
        DefaultValueFactory = _ => 1024,
    };

    private static readonly Option<string?> HandOver = new("--hand-over")
    {
        Description = "path where a tunnel that is started with the same options takes over from this one, which then ends; sessions and connections are kept",
        HelpName = "path",
    };

    private static readonly Option<string?> Socket = SocketOption();
    private static readonly Option<bool> AsJson = Json.Option();
    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "write lines about failures only" };

    /// <summary>Where the pool listens.</summary>
    internal static Option<string?> SocketOption() => new("--socket")
    {
        Description = "the pool's socket (default: what the pool's configuration says, or /var/run/tlspool.sock)",
        HelpName = "path",
    };

    internal static Command Create()
    {
        Verify.AcceptOnlyFromAmong("demand", "request", "ignore");
        StartTls.AcceptOnlyFromAmong("smtp", "imap", "pop3", "xmpp", "xmpp-server", "ldap", "postgres", "mysql");
        return new Command("tunnel", "put TLS before a server that has none, or begin it for a client that has none")
        {
            Server, Client, Peer, Listen, Connect, LocalId, RemoteId, Service, Fork, Verify, StartTls, Chat, OnTheFly, Proxy,
            TimeoutSeconds, MaxSetups, HandOver, Socket, AsJson, Quiet,
        }.Does((result, _) => RunAsync(result));
    }

    private static async Task<int> RunAsync(ParseResult result)
    {
        TunnelSettings settings = Settings(result);
        using var termination = new Termination();
        try
        {
            await Tunnel.RunAsync(settings, new TunnelLog(result.GetValue(AsJson), result.GetValue(Quiet)), termination.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (termination.Token.IsCancellationRequested)
        {
            // Told to end before it had begun.
            return 0;
        }
        return 0;
    }

    private static TunnelSettings Settings(ParseResult result)
    {
        bool server = result.GetValue(Server);
        if (server == result.GetValue(Client))
            throw new CommandException("say --server (TLS comes in) or --client (TLS goes out)");
        var settings = new TunnelSettings
        {
            IsServer = server,
            Listen = TunnelAddress.ParseListen(result.GetRequiredValue(Listen)),
            Connect = TunnelAddress.ParseConnect(result.GetRequiredValue(Connect)),
            LocalId = result.GetValue(LocalId) ?? "",
            RemoteId = result.GetValue(RemoteId) ?? "",
            Service = result.GetValue(Service) ?? "",
            Flags = Flags(server, result.GetValue(Peer), result.GetValue(Verify), result.GetValue(Fork)) | (result.GetValue(OnTheFly) ? StartTlsFlags.LocalIdOnTheFly : StartTlsFlags.None),
            Preamble = Preamble(result),
            ProxyHeader = result.GetValue(Proxy),
            Timeout = TimeSpan.FromSeconds(Range(result, TimeoutSeconds, 3600)),
            MaxSetups = Range(result, MaxSetups, 100_000),
            HandOver = result.GetValue(HandOver) is { } handOver ? Path.GetFullPath(handOver) : null,
            PoolSocket = result.GetValue(Socket),
        };
        Check(settings);
        return settings;
    }

    private static void Check(TunnelSettings settings)
    {
        if (settings.ProxyHeader && !settings.IsServer)
            throw new CommandException("--proxy-protocol tells a backend who connected: use it with --server");
        if (settings.Connect.NamesIdentities && !settings.IsServer)
            throw new CommandException("%L and %R are known after TLS: use them with --server");
        if (settings.Connect.NamesIdentities && settings.Preamble is SmtpPreamble or ImapPreamble or Pop3Preamble or MysqlPreamble)
            throw new CommandException("%L and %R are known after TLS, but this --starttls passes the greeting of the backend on before it");
        if (settings.Preamble is MysqlPreamble && (settings.Flags & StartTlsFlags.Fork) != 0)
            throw new CommandException("--fork: MySQL counts its packets, so that these sessions go through the tunnel and end with it");
        if (settings is { Preamble: MysqlPreamble, HandOver: not null })
            throw new CommandException("--hand-over: MySQL counts its packets, so that these sessions go through the tunnel and end with it");
        if (settings is { IsServer: false, LocalId: "" } && (settings.Flags & StartTlsFlags.LocalIdOnTheFly) != 0)
            throw new CommandException("--onthefly makes a certificate for an identity: say with --local-id which (with --server it may be the client's wish)");
        if (settings is { IsServer: false, RemoteId: "" } && (settings.Flags & StartTlsFlags.IgnoreRemoteId) == 0)
            throw new CommandException("say with --remote-id who the server has to be (or --verify ignore, if anyone will do)");
    }

    private static StartTlsFlags Flags(bool server, bool peer, string? verify, bool fork)
    {
        StartTlsFlags flags = peer ? StartTlsFlags.BothRolesPeer : server ? ServerRoles : ClientRoles;
        flags |= (verify ?? (server && !peer ? "ignore" : "demand")) switch
        {
            "ignore" => StartTlsFlags.IgnoreRemoteId,
            "request" => StartTlsFlags.RequestRemoteId,
            _ => StartTlsFlags.None,
        };
        return fork ? flags | StartTlsFlags.Fork : flags;
    }

    private static IPreamble? Preamble(ParseResult result)
    {
        string[] steps = result.GetValue(Chat) ?? [];
        string? protocol = result.GetValue(StartTls);
        if (steps.Length > 0 && protocol is not null)
            throw new CommandException("--starttls and --chat do the same: give one of them");
        if (steps.Length > 0)
            return ChatPreamble.Parse(steps);
        return protocol switch
        {
            null => null,
            "smtp" => new SmtpPreamble(),
            "imap" => new ImapPreamble(),
            "pop3" => new Pop3Preamble(),
            "xmpp" => new XmppPreamble(betweenServers: false),
            "xmpp-server" => new XmppPreamble(betweenServers: true),
            "ldap" => new LdapPreamble(),
            "postgres" => new PostgresPreamble(),
            _ => new MysqlPreamble(),
        };
    }

    private static int Range(ParseResult result, Option<int> option, int most)
    {
        int value = result.GetValue(option);
        return value >= 1 && value <= most ? value : throw new CommandException($"{option.Name} takes 1 to {most}");
    }

    private static Option<string> Required(string name, string description) =>
        new(name) { Description = description, HelpName = "address", Required = true };

    private static Option<string> Text(string name, string kind, string description) =>
        new(name) { Description = description, HelpName = kind };
}
