using System.Reflection;

namespace TlsPool.Actors.Management;

/// <summary>Version of the program, with its build.</summary>
public static class ProgramVersion
{
    private const int CommitDigits = 7;

    /// <summary>As <c>0.1.0+3f2a9c1</c>: version, and the start of the commit's name.</summary>
    public static string Text { get; } =
        Shorten(typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");

    private static string Shorten(string version) =>
        version.IndexOf('+', StringComparison.Ordinal) is >= 0 and var plus ? version[..Math.Min(version.Length, plus + 1 + CommitDigits)] : version;
}
