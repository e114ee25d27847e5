using System.Reflection;
using System.Runtime.InteropServices;

namespace TlsPool.Actors.Management;

/// <summary>Which program this is, as the build wrote it into the assembly.</summary>
/// <param name="Version">Version of the release, as in <c>0.1.0</c>.</param>
/// <param name="Commit">Start of the commit's name; empty where it was built without git.</param>
/// <param name="Date">Day of the commit, as in <c>2026-11-30</c>; empty where it was built without git.</param>
public sealed record BuildFacts(string Version, string Commit, string Date)
{
    private const int CommitDigits = 7;

    /// <summary>Of this program.</summary>
    public static BuildFacts Current { get; } = Read(typeof(BuildFacts).Assembly);

    /// <summary>Version and commit for programs, as in <c>0.1.0+3f2a9c1</c>.</summary>
    public string Release => Commit.Length == 0 ? Version : $"{Version}+{Commit}";

    /// <summary>One line for people who report something.</summary>
    public override string ToString()
    {
        string[] facts = [$"build {Commit}", Date, RuntimeInformation.RuntimeIdentifier, RuntimeInformation.FrameworkDescription];
        return $"tlspool {Version} ({string.Join(", ", facts.Where(fact => fact is not ("" or "build ")))})";
    }

    /// <summary>Takes an informational version apart: <c>version+commit</c>.</summary>
    internal static BuildFacts Parse(string informational, string date)
    {
        string[] parts = informational.Split('+', 2);
        string commit = parts.Length < 2 ? "" : parts[1][..Math.Min(CommitDigits, parts[1].Length)];
        return new BuildFacts(parts[0], commit, commit.Length == 0 ? "" : date);
    }

    private static BuildFacts Read(Assembly program) => Parse(
        program.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "",
        program.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(fact => fact.Key == "CommitDate")?.Value ?? "");
}
