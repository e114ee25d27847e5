using System.Text;

namespace TlsPool.Protocol.Client;

/// <summary>Finds the pool's socket as every client does (configuration.md).</summary>
public static class PoolSocketPath
{
    /// <summary>Where clients look if nothing says otherwise.</summary>
    public const string Default = "/var/run/tlspool.sock";

    /// <summary>The configuration file that is read unless <see cref="ConfigFileVariable"/> names another.</summary>
    public const string DefaultConfigFile = "/etc/tlspool.conf";

    /// <summary>Environment variable with the configuration file's path.</summary>
    public const string ConfigFileVariable = "TLSPOOL_CONFIG_FILE";

    private const int MaxLine = 512;
    private const int MaxFile = 1 << 20;
    private const string Keyword = "socket_name ";

    /// <summary>The socket of this process's environment.</summary>
    /// <param name="explicitPath">A path that wins over everything, or null.</param>
    /// <exception cref="IOException"><see cref="ConfigFileVariable"/> names a file that cannot be read.</exception>
    public static string Resolve(string? explicitPath = null) =>
        Resolve(explicitPath, Environment.GetEnvironmentVariable(ConfigFileVariable), DefaultConfigFile);

    /// <summary>The socket of a given environment.</summary>
    /// <param name="explicitPath">A path that wins over everything, or null.</param>
    /// <param name="configFile">Value of <see cref="ConfigFileVariable"/>, or null.</param>
    /// <param name="defaultConfigFile">Read if that is null; it may be absent or unreadable, since it may hold a PIN.</param>
    /// <exception cref="IOException"><paramref name="configFile"/> cannot be read.</exception>
    internal static string Resolve(string? explicitPath, string? configFile, string defaultConfigFile)
    {
        if (!string.IsNullOrEmpty(explicitPath))
            return explicitPath;
        if (!string.IsNullOrEmpty(configFile))
            return ReadNamed(configFile) ?? Default;
        try
        {
            return ReadSocketName(defaultConfigFile) ?? Default;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return Default;
        }
    }

    private static string? ReadNamed(string configFile)
    {
        try
        {
            return ReadSocketName(configFile);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{ConfigFileVariable} names {configFile}, which cannot be read: correct the variable or unset it", unreadable);
        }
    }

    /// <summary>The first socket of a configuration file, or null if it declares none.</summary>
    private static string? ReadSocketName(string configFile)
    {
        using var file = new FileStream(configFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] content = new byte[(int)Math.Min(file.Length, MaxFile)];
        int length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        foreach (string line in Encoding.UTF8.GetString(content, 0, length).Split('\n'))
        {
            if (line.StartsWith(Keyword, StringComparison.Ordinal) && line.Length > Keyword.Length && line.Length <= MaxLine)
                return line[Keyword.Length..];
        }
        return null;
    }
}
