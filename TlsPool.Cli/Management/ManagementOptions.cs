using System.CommandLine;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TlsPool.Actors.Configuration;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Remoting;

namespace TlsPool.Cli.Management;

/// <summary>Options that say which daemon is managed, and how it is reached.</summary>
internal sealed class ManagementOptions
{
    private readonly Option<string?> _config = ConfigurationOption.Create();

    private readonly Option<string?> _socket = new("--socket")
    {
        Description = "socket of the daemon's management (default: manage_socket of the configuration)",
        HelpName = "path",
    };

    private readonly Option<string?> _connect = new("--connect")
    {
        Description = "a daemon of another host, at its manage_address, instead of this one's",
        HelpName = "host:port",
    };

    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "who one is, with --connect: a certificate and what is between it and an authority that the pool trusts (PEM)",
        HelpName = "file",
    };

    private readonly Option<string?> _key = new("--key")
    {
        Description = "its private key (PEM; default: in the same file)",
        HelpName = "file",
    };

    private readonly Option<string?> _authority = new("--authority")
    {
        Description = "whom to believe that it is that host, with --connect (PEM; default: the authorities of this system)",
        HelpName = "file",
    };

    private readonly Option<string?> _name = new("--server-name")
    {
        Description = "identity that the daemon has to show, with --connect (default: the host)",
        HelpName = "name",
    };

    /// <summary>Adds the options to a command.</summary>
    internal ManagementOptions AddTo(Command command)
    {
        foreach (Option option in new Option[] { _config, _socket, _connect, _certificate, _key, _authority, _name })
            command.Options.Add(option);
        return this;
    }

    /// <summary>Looks whether the options make sense, for those who connect later and more than once.</summary>
    /// <exception cref="CommandException">They do not.</exception>
    internal void Check(ParseResult result)
    {
        if (result.GetValue(_connect) is { } remote)
        {
            _ = EndpointOf(remote);
            ReadOwn(result).Dispose();
            return;
        }
        if (result.GetValue(_certificate) is not null || result.GetValue(_key) is not null || result.GetValue(_authority) is not null)
            throw new CommandException("--certificate, --key and --authority go with --connect: at this host it counts whose process this is");
        _ = result.GetValue(_socket) ?? Configured(result);
    }

    /// <summary>Connects.</summary>
    /// <exception cref="ManagementException">It is refused, or not reached.</exception>
    /// <exception cref="CommandException">The options make no sense.</exception>
    internal Task<ManagementClient> ConnectAsync(ParseResult result, CancellationToken cancellation)
    {
        Check(result);
        return result.GetValue(_connect) is { } remote
            ? ConnectAsync(remote, result, cancellation)
            : ManagementClient.ConnectAsync(result.GetValue(_socket) ?? Configured(result), cancellation);
    }

    private string Configured(ParseResult result)
    {
        string? path = result.GetValue(_config);
        try
        {
            (PoolConfiguration configuration, _) = PoolDaemon.ReadConfiguration(path);
            return configuration.Management.Socket?.Path ?? throw new CommandException("this pool is not managed while it runs: see manage_socket");
        }
        catch (ConfigurationException) when (path is null && !CanRead(ConfigurationReader.FileFor(null, Environment.GetEnvironmentVariables())))
        {
            // Who may manage the pool need not be somebody who may read its PINs.
            throw new CommandException("the pool's configuration cannot be read: name its manage_socket with --socket");
        }
    }

    private static bool CanRead(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private async Task<ManagementClient> ConnectAsync(string remote, ParseResult result, CancellationToken cancellation)
    {
        (string host, ushort port) = EndpointOf(remote);
        X509Certificate2 own = ReadOwn(result);
        X509Certificate2Collection authorities = [];
        if (result.GetValue(_authority) is { } file)
            Read(file, () => authorities.ImportFromPemFile(file));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(host, port, cancellation).ConfigureAwait(false);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var chain = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
            if (authorities.Count > 0)
            {
                chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.CustomTrustStore.AddRange(authorities);
            }
            var between = new X509Certificate2Collection();
            between.ImportFromPemFile(result.GetValue(_certificate)!);
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = result.GetValue(_name) ?? host,
                    ClientCertificateContext = SslStreamCertificateContext.Create(own, between, offline: true),
                    CertificateChainPolicy = chain,
                    EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
                },
                cancellation).ConfigureAwait(false);
            return await ManagementClient.ConnectAsync(stream, cancellation).ConfigureAwait(false);
        }
        catch (ManagementException failure) when (failure.Fault == ManagementFault.NoAnswer)
        {
            // In TLS 1.3 a client has ended its handshake before the other side judges its certificate.
            string reason = own.NotAfter < DateTime.Now ? $"the certificate expired at {own.NotAfter.ToUniversalTime():u}" : "it may not trust the certificate: its log says why";
            throw new ManagementException(ManagementFault.NoAnswer, $"{remote}: {failure.Message}; {reason}");
        }
        catch (Exception failure) when (failure is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            if (stream is not null)
                await stream.DisposeAsync().ConfigureAwait(false);
            socket.Dispose();
            cancellation.ThrowIfCancellationRequested();
            throw new CommandException($"{remote}: {failure.Message}{(failure.InnerException is { } inner ? $" {inner.Message}" : "")}");
        }
    }

    private static (string Host, ushort Port) EndpointOf(string remote)
    {
        int colon = remote.LastIndexOf(':');
        return colon > 0 && ushort.TryParse(remote[(colon + 1)..], out ushort port)
            ? (remote[..colon].Trim('[', ']'), port)
            : throw new CommandException("--connect takes host:port");
    }

    private X509Certificate2 ReadOwn(ParseResult result)
    {
        string certificate = result.GetValue(_certificate) ?? throw new CommandException("--connect needs --certificate: who one is decides what one may");
        X509Certificate2? own = null;
        Read(certificate, () => own = X509Certificate2.CreateFromPemFile(certificate, result.GetValue(_key) ?? certificate));
        return own!;
    }

    private static void Read(string file, Action read)
    {
        try
        {
            read();
        }
        catch (CryptographicException failure)
        {
            throw new CommandException($"{file}: {failure.Message}");
        }
    }
}
