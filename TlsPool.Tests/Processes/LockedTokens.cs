using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Scenarios;

namespace TlsPool.Tests.Processes;

/// <summary>A daemon with SoftHSM tokens whose PINs are not in its configuration; each has the key of an identity.</summary>
internal sealed class LockedTokens : IAsyncDisposable
{
    internal const string SoftHsm = "/usr/lib/softhsm/libsofthsm2.so";

    private readonly Dictionary<string, string> _environment;
    private readonly string _directory;

    private LockedTokens(string directory, Dictionary<string, string> environment) => (_directory, _environment) = (directory, environment);

    internal PoolProcess Pool { get; private set; } = null!;

    /// <summary>How programs find the tokens.</summary>
    internal IReadOnlyDictionary<string, string> Environment => _environment;

    /// <summary>Makes tokens and starts a daemon.</summary>
    /// <param name="tokens">Labels and PINs; the identity is <c>LABEL.example</c>.</param>
    /// <param name="module">Another module, which has to be SoftHSM underneath.</param>
    /// <param name="environment">What that module wants in the environment.</param>
    internal static async Task<LockedTokens> StartAsync(
        IReadOnlyDictionary<string, string> tokens, string module = SoftHsm, params IReadOnlyList<(string Name, string Value)> environment)
    {
        LockedTokens locked = await MakeAsync(tokens);
        foreach ((string name, string value) in environment)
            locked._environment[name] = value;
        string lines = $"pkcs11_path {module}\n" + string.Concat(tokens.Keys.Select(label => $"pkcs11_token pkcs11:token={label}\n"));
        locked.Pool = await PoolProcess.StartAsync(lines, locked._environment, pool => locked.PrepareAsync(pool, tokens));
        return locked;
    }

    /// <summary>Makes tokens, for daemons that others start.</summary>
    internal static async Task<LockedTokens> MakeAsync(IReadOnlyDictionary<string, string> tokens)
    {
        string directory = Directory.CreateTempSubdirectory("tlspool-locked-").FullName;
        Directory.CreateDirectory(Path.Combine(directory, "tokens"));
        string file = Path.Combine(directory, "softhsm2.conf");
        await File.WriteAllTextAsync(file, $"directories.tokendir = {directory}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n");
        var locked = new LockedTokens(directory, new() { ["SOFTHSM2_CONF"] = file });
        foreach ((string label, string pin) in tokens)
            await locked.InitializeAsync(label, pin);
        return locked;
    }

    /// <summary>Makes the identities of a daemon that has not started.</summary>
    internal async Task PrepareAsync(PoolProcess pool, IReadOnlyDictionary<string, string> tokens)
    {
        foreach ((string label, string pin) in tokens)
            await IdentityAsync(pool, label, pin);
    }

    /// <summary>Sets a session up whose server signs with a token's key; its client is the pool's too.</summary>
    internal static async Task<TlsSession> SessionAsync(TlsPoolClient client, string label)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server($"{label}.example", StartTlsFlags.IgnoreRemoteId));
        Task<TlsSession> asking = client.StartTlsAsync(far, StartTlsOptions.Client($"{label}.example"));
        try
        {
            TlsSession session = await serving;
            (await asking).Dispose();
            return session;
        }
        catch (TlsPoolException)
        {
            // The client fails as well; only the server knows why.
            await asking.ContinueWith(failed => failed.Exception, TaskScheduler.Default);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Pool is { } pool)
            await pool.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task InitializeAsync(string label, string pin)
    {
        (int code, string output) = await ChildProcess.RunAsync(
            "softhsm2-util", ["--init-token", "--free", "--label", label, "--so-pin", "so-pin-1", "--pin", pin], _environment);
        Assert.That(code, Is.Zero, output);
    }

    private async Task IdentityAsync(PoolProcess pool, string label, string pin)
    {
        string file = Path.Combine(_directory, "with-pin.conf");
        await File.WriteAllTextAsync(file, $"dbenv_dir {pool.Directory}/db\npkcs11_path {SoftHsm}\npkcs11_pin {pin}\npkcs11_token pkcs11:token={label}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var environment = new Dictionary<string, string>(_environment) { ["TLSPOOL_CONFIG_FILE"] = file };
        (int code, string output) = await ChildProcess.RunAsync(
            PoolProcess.Program, ["identity", "generate", $"{label}.example", "--token", $"pkcs11:token={label}"], environment);
        Assert.That(code, Is.Zero, output);
        string certificate = Path.Combine(_directory, $"{label}.pem");
        await File.WriteAllTextAsync(certificate, await pool.RunAsync("identity", "show", $"{label}.example", "--pem"));
        await pool.RunAsync("trust", "add", certificate);
        File.Delete(file);
    }
}
