using System.Globalization;
using TlsPool.Actors.Interop;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting;

/// <summary>Who runs this command, for the audit trail.</summary>
public static class Administrator
{
    private const uint Unset = uint.MaxValue;

    /// <summary>The user who has logged in, whomever he became since (pam_loginuid(8)); the user of this process where that is not known.</summary>
    public static PeerCredentials Current() => new(Environment.ProcessId, LoginUser() ?? Libc.geteuid(), Libc.getegid())
    {
        Executable = Environment.ProcessPath ?? "",
    };

    private static uint? LoginUser()
    {
        try
        {
            return uint.TryParse(File.ReadAllText("/proc/self/loginuid"), NumberStyles.None, CultureInfo.InvariantCulture, out uint user) && user != Unset
                ? user
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
