using System.Diagnostics;

namespace TlsPool.Bench.Fuzzing;

/// <summary>What was found: the input, and beside it what it did and how to see it again.</summary>
internal sealed class Findings(string folder)
{
    /// <summary>More of one target are the same few faults over again.</summary>
    internal const int MaxPerTarget = 10;

    /// <summary>Files of one target.</summary>
    internal IReadOnlyList<string> Of(string target) => Directory.Exists(folder)
        ? [.. Directory.GetFiles(folder, $"{target}-*").Where(file => !file.EndsWith(".txt", StringComparison.Ordinal))]
        : [];

    /// <summary>Drops what an earlier run found.</summary>
    internal void Clear(string target)
    {
        foreach (string file in Of(target))
        {
            File.Delete(file);
            File.Delete(file + ".txt");
        }
    }

    /// <summary>Keeps a finding.</summary>
    internal void Add(string target, byte[] input, string description)
    {
        Directory.CreateDirectory(folder);
        string file = Path.Combine(folder, $"{target}-{CorpusFolder.NameOf(input)}");
        File.WriteAllBytes(file, input);
        File.WriteAllText(
            file + ".txt",
            $"{description}\n\nAgain: dotnet {typeof(Findings).Assembly.Location} fuzz --only {target} --replay {Path.GetFullPath(file)}\n");
        Console.WriteLine($"{target}: FOUND {file}: {description.Split('\n')[0]}");
    }

    /// <summary>Findings with the same text here are taken for the same fault.</summary>
    internal static string FaultOf(Exception exception)
    {
        if (exception is FuzzViolationException)
            return string.Concat(exception.Message.Where(c => !char.IsAsciiDigit(c)));
        StackFrame? own = new StackTrace(exception).GetFrames().FirstOrDefault(frame =>
            frame.GetMethod()?.DeclaringType?.FullName is { } type
            && !type.StartsWith("System.", StringComparison.Ordinal)
            && !type.StartsWith("Interop", StringComparison.Ordinal));
        return $"{exception.GetType().Name} in {own?.GetMethod()?.DeclaringType?.FullName}.{own?.GetMethod()?.Name}";
    }
}
