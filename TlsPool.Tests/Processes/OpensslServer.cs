using System.Globalization;

namespace TlsPool.Tests.Processes;

/// <summary><c>openssl s_server</c> on a port of 127.0.0.1 that the kernel chooses.</summary>
internal static class OpensslServer
{
    private const string Accepts = "ACCEPT";

    /// <summary>Starts a server, and waits until it accepts.</summary>
    internal static async Task<ChildProcess> StartAsync((string Certificate, string Key) credential, params string[] options)
    {
        ChildProcess server = ChildProcess.Start(
            "openssl", ["s_server", "-accept", "127.0.0.1:0", "-cert", credential.Certificate, "-key", credential.Key, .. options]);
        await server.WaitForAsync(output => output.Contains(Accepts, StringComparison.Ordinal) && output.IndexOf('\n', output.IndexOf(Accepts, StringComparison.Ordinal)) > 0);
        return server;
    }

    /// <summary>Where it accepts.</summary>
    internal static int PortOf(ChildProcess server)
    {
        string line = server.Output[server.Output.IndexOf(Accepts, StringComparison.Ordinal)..].Split('\n')[0];
        return int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }
}
