namespace TlsPool.Actors.Hosting;

/// <summary>The program that runs, to be started once more.</summary>
internal static class OwnProgram
{
    /// <summary>
    /// How to start it. The path is that of the start of this process, which by now may be another file's: after an upgrade, the new program's.
    /// </summary>
    internal static (string Program, IReadOnlyList<string> Arguments) Command(IEnumerable<string> arguments)
    {
        string program = Environment.ProcessPath!;
        // dotnet tlspool.dll has to be told its assembly again; a tlspool of its own has not.
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? (program, [Environment.GetCommandLineArgs()[0], .. arguments])
            : (program, [.. arguments]);
    }
}
