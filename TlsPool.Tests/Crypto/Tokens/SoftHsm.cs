using NUnit.Framework;
using TlsPool.Crypto.Tokens;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Crypto.Tokens;

/// <summary>A token in SoftHSM behind <c>p11-kit server</c>, which stands for a reader on a cable.</summary>
internal sealed class SoftHsm : IAsyncDisposable
{
    internal const string Module = "/usr/lib/softhsm/libsofthsm2.so";
    internal const string Remote = "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so";
    internal const string Pin = "correct-pin";

    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-softhsm-").FullName;
    private readonly Dictionary<string, string> _environment = [];
    private ChildProcess? _server;

    /// <summary>Address of the server, for P11_KIT_SERVER_ADDRESS.</summary>
    internal string Address => "unix:path=" + Socket;

    private string Socket => Path.Combine(_directory, "p11.sock");

    internal static async Task<SoftHsm> MakeAsync(string label = "pool")
    {
        var hsm = new SoftHsm();
        Directory.CreateDirectory(Path.Combine(hsm._directory, "tokens"));
        string file = Path.Combine(hsm._directory, "softhsm2.conf");
        await File.WriteAllTextAsync(file, $"directories.tokendir = {hsm._directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        hsm._environment["SOFTHSM2_CONF"] = file;
        await hsm.AddTokenAsync(label);
        await hsm.PlugInAsync();
        return hsm;
    }

    internal async Task AddTokenAsync(string label)
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "softhsm2-util", ["--init-token", "--free", "--label", label, "--so-pin", "so-pin-1", "--pin", Pin], _environment);
        Assert.That(code, Is.Zero, output);
    }

    /// <summary>Starts the server.</summary>
    internal async Task PlugInAsync()
    {
        _server = ChildProcess.Start("p11-kit", ["server", "--foreground", "--provider", Module, "--name", Socket, "pkcs11:"], _environment);
        await _server.WaitForAsync("P11_KIT_SERVER_ADDRESS");
    }

    /// <summary>Ends the server and its children.</summary>
    internal async Task PullOutAsync()
    {
        await _server!.DisposeAsync();
        File.Delete(Socket);
    }

    /// <summary>What another program does to the token.</summary>
    internal async Task<string> ToolAsync(params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "pkcs11-tool", ["--module", Module, "--login", "--pin", Pin, "--token-label", "pool", .. arguments], _environment);
        Assert.That(code, Is.Zero, output);
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
