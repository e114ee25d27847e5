using System.Globalization;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Connections;

/// <summary>Which program a process runs, as proc(5) has it at this moment.</summary>
internal static class ProcessExecutable
{
    /// <summary>
    /// The credentials with the program's path. The kernel tells it to root and to the program's own user; to others the name that the
    /// process gave itself is all there is, and stands in brackets. Empty for a process that is gone or in another PID name space.
    /// </summary>
    internal static PeerCredentials Name(PeerCredentials process) => process.ProcessId <= 0 ? process : process with { Executable = Find(process.ProcessId) };

    private static string Find(int process)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/");
        try
        {
            return new FileInfo(directory + "exe").LinkTarget ?? Given(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Given(directory);
        }
    }

    private static string Given(string directory)
    {
        try
        {
            return $"[{File.ReadAllText(directory + "comm").TrimEnd('\n')}]";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
