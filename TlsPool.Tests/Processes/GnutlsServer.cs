using System.Globalization;
using System.Text.RegularExpressions;

namespace TlsPool.Tests.Processes;

/// <summary><c>gnutls-serv</c>, which says back what it hears.</summary>
internal static partial class GnutlsServer
{
    /// <summary>Starts a server, and waits until it listens: it says that it does before it tries.</summary>
    /// <param name="credential">Files of its certificate and its key.</param>
    /// <param name="priority">Priority string of GnuTLS.</param>
    /// <param name="options">More options.</param>
    internal static async Task<(ChildProcess Server, int Port)> StartAsync((string Certificate, string Key) credential, string priority, params string[] options)
    {
        int port = PoolProcess.FreePort();
        ChildProcess server = ChildProcess.Start(
            "gnutls-serv",
            [
                "--echo", "--port", port.ToString(CultureInfo.InvariantCulture), "--x509certfile", credential.Certificate, "--x509keyfile", credential.Key,
                "--priority", priority, .. options,
            ]);
        await server.WaitForAsync(output => Listens().IsMatch(output));
        return (server, port);
    }

    [GeneratedRegex("listening on IPv4[^\n]*done")]
    private static partial Regex Listens();
}
