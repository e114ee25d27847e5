using System.Globalization;
using System.Text;
using TlsPool.Actors.Interop;

namespace TlsPool.Actors.Hosting;

/// <summary>
/// The runtime's port for debuggers and profilers: whoever runs as the same user can load code into the process through it. It can only be
/// left shut from the start, so the program starts itself afresh, as the same process.
/// </summary>
public static unsafe class DiagnosticPort
{
    /// <summary>The runtime's variable. Who sets it to 1 wants the port.</summary>
    internal const string Variable = "DOTNET_EnableDiagnostics";

    /// <summary>The value that shuts it.</summary>
    internal const string Off = "0";

    /// <summary>Shuts the port. Does not return if that takes a fresh start.</summary>
    public static void Shut()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not null || Environment.ProcessPath is not { } program)
            return;
        byte[] arguments = File.ReadAllBytes("/proc/self/cmdline");
        byte[] environment = [.. File.ReadAllBytes("/proc/self/environ"), .. Encoding.ASCII.GetBytes($"{Variable}={Off}\0")];
        RemoveSockets();
        fixed (byte* path = Encoding.UTF8.GetBytes(program + "\0"), first = arguments, variable = environment)
        fixed (byte** argv = StringBlock.Pointers(first, arguments), envp = StringBlock.Pointers(variable, environment))
            _ = Libc.execve(path, argv, envp);
        // What cannot be started again goes on with its port: better than no service.
    }

    /// <summary>The runtime removes them only when it ends.</summary>
    private static void RemoveSockets()
    {
        foreach (string kind in new[] { "dotnet-diagnostic", "clr-debug-pipe" })
        {
            string pattern = string.Create(CultureInfo.InvariantCulture, $"{kind}-{Environment.ProcessId}-*");
            foreach (string file in Directory.EnumerateFiles(Path.GetTempPath(), pattern))
                _ = Libc.unlink(file);
        }
    }
}
