namespace TlsPool.Actors.Hosting.Succession;

/// <summary>What a daemon needs to be followed, and to follow another.</summary>
/// <param name="Program">The program to start as the successor.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record SuccessionParts(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>Where a hand-over is asked for; null for nowhere but by signal.</summary>
    internal ServerSocket? Point { get; init; }

    /// <summary>What this daemon got from the one before; null for a first one.</summary>
    internal Inheritance? Inheritance { get; init; }

    /// <summary>A daemon with these options.</summary>
    internal static SuccessionParts Of(DaemonOptions options)
    {
        List<string> arguments = [DaemonOptions.SuccessorOption];
        if (options.ConfigurationPath is { } path)
            arguments.AddRange(["--config", path]);
        if (options.Foreground)
            arguments.Add("--foreground");
        (string program, IReadOnlyList<string> complete) = OwnProgram.Command(arguments);
        return new SuccessionParts(program, complete);
    }
}
