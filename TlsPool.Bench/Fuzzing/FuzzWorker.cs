using System.Diagnostics;

namespace TlsPool.Bench.Fuzzing;

/// <summary>The loop that tries inputs on one target, in a process of its own.</summary>
internal sealed class FuzzWorker(FuzzTarget target, Findings findings, CorpusFolder corpus, CorpusFolder queue, InputSlot slot)
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(10);

    private readonly Random _random = new();
    private readonly Coverage _coverage = new();
    private readonly List<byte[]> _kept = [];
    private readonly HashSet<string> _faults = new(StringComparer.Ordinal);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private long _tried;

    /// <summary>Tries inputs for a time.</summary>
    internal void Run(TimeSpan time)
    {
        foreach (byte[] input in corpus.Inputs.Concat(queue.Inputs).Concat(target.Seeds()))
            Try(input, isNew: false);
        if (_kept.Count == 0)
            _kept.Add([]);
        var mutator = new Mutator(_random, target.Words, target.MaxLength);
        for (TimeSpan report = ReportEvery; _clock.Elapsed < time && _faults.Count < Findings.MaxPerTarget;)
        {
            Try(mutator.Mutate(Pick(), _kept[_random.Next(_kept.Count)]), isNew: true);
            if (_clock.Elapsed < report)
                continue;
            Report();
            report = _clock.Elapsed + ReportEvery;
        }
        Report();
    }

    /// <summary>What was kept last has been tried least.</summary>
    private byte[] Pick() => _kept[_random.Next(2) == 0 ? _random.Next(_kept.Count) : Math.Max(0, _kept.Count - 1 - _random.Next(16))];

    private void Try(byte[] input, bool isNew)
    {
        slot.Put(input);
        Coverage.Begin();
        _tried++;
        try
        {
            FuzzCase.Run(target, input, FuzzCase.MaxTime);
        }
        catch (Exception exception)
        {
            if (_faults.Add(Findings.FaultOf(exception)))
                findings.Add(target.Name, input, exception.ToString());
            return;
        }
        if (_coverage.Learn() == 0)
            return;
        _kept.Add(input);
        if (isNew)
            queue.Add(input);
    }

    private void Report() => Console.WriteLine(
        $"{target.Name}: {_clock.Elapsed.TotalSeconds:0} s, {_tried} inputs ({_tried / Math.Max(1, _clock.Elapsed.TotalSeconds):0}/s), "
        + $"{_coverage.Edges} edges, {_kept.Count} kept, {_faults.Count} found");
}
