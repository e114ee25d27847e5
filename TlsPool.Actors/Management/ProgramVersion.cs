using System.Reflection;

namespace TlsPool.Actors.Management;

/// <summary>Version of the program, with its build.</summary>
public static class ProgramVersion
{
    /// <summary>As <c>0.1.0+3f2a9c1…</c>: version and commit.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
