namespace TlsPool.Bench.Fuzzing;

/// <summary>Keeps of many inputs the few that reach as much.</summary>
internal static class CorpusMinimizer
{
    /// <summary>The repository holds them, and every test run replays them.</summary>
    private const int MaxFiles = 26;

    /// <summary>Chooses anew what is in a corpus; the result is how many.</summary>
    internal static int Minimize(FuzzTarget target, CorpusFolder corpus, CorpusFolder queue)
    {
        FileInfo[] kept = [.. corpus.Files.Where(file => !IsDisposable(file))];
        byte[][] candidates = [.. corpus.Files.Where(IsDisposable).Select(file => File.ReadAllBytes(file.FullName))
            .Concat(queue.Inputs).Concat(target.Seeds()).OrderBy(input => input.Length)];
        var coverage = new Coverage();
        foreach (FileInfo file in kept)
            Gain(target, coverage, File.ReadAllBytes(file.FullName));
        (int Gain, byte[] Input)[] useful =
            [.. candidates.Select(input => (Gain: Gain(target, coverage, input), input)).Where(one => one.Gain > 0)];
        foreach (FileInfo file in corpus.Files.Where(IsDisposable))
            file.Delete();
        byte[][] chosen = [.. useful.OrderByDescending(one => one.Gain).Select(one => one.Input).Take(Math.Max(0, MaxFiles - kept.Length))];
        foreach (byte[] input in chosen)
            corpus.Add(input);
        return kept.Length + chosen.Length;
    }

    /// <summary>Named by a hash: this class put it there. What people named stays.</summary>
    private static bool IsDisposable(FileInfo file) => file.Name.Length == 16 && file.Name.All(char.IsAsciiHexDigitLower);

    private static int Gain(FuzzTarget target, Coverage coverage, byte[] input)
    {
        Coverage.Begin();
        FuzzCase.Run(target, input, FuzzCase.MaxTime);
        return coverage.Learn();
    }
}
