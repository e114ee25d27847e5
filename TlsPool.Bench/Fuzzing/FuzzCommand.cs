using System.CommandLine;

namespace TlsPool.Bench.Fuzzing;

/// <summary>The command line of the fuzzer.</summary>
internal static class FuzzCommand
{
    internal static Command Create()
    {
        // Before anything of the instrumented assemblies runs, such as the constructor of a target.
        Coverage.Start();
        var only = new Option<string>("--only") { DefaultValueFactory = _ => FuzzTargets.Everything, Description = "A target, or all." };
        only.Validators.Add(parsed =>
        {
            if (!FuzzTargets.Names.Append(FuzzTargets.Everything).Append(Targets.SelfTestTarget.SelfTest).Contains(parsed.GetValueOrDefault<string>()))
                parsed.AddError($"--only knows all, {string.Join(", ", FuzzTargets.Names)}.");
        });
        var corpus = new Option<DirectoryInfo>("--corpus")
        {
            DefaultValueFactory = _ => new DirectoryInfo("TlsPool.Tests/Corpus"),
            Description = "Inputs to start from, in a folder for each target.",
        };
        var output = new Option<DirectoryInfo>("--out")
        {
            DefaultValueFactory = _ => new DirectoryInfo("artifacts/fuzz/findings"),
            Description = "Where findings go; inputs that reach something new go to the folder 'queue' beside it.",
        };
        var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 60, Description = "How long to try each target." };
        var replay = new Option<FileInfo?>("--replay") { Description = "Runs one input again and shows what it does." };
        var minimize = new Option<bool>("--minimize")
        {
            Description = "Writes to the corpus the fewest inputs, of it and of the queue, that reach as much; findings always stay.",
        };
        var worker = new Option<string?>("--worker") { Hidden = true };
        var command = new Command("fuzz", "Tries hostile bytes on what reads them. Needs assemblies that sharpfuzz has instrumented: ./build.sh --target=Fuzz.")
        {
            only, corpus, output, seconds, replay, minimize, worker,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            IReadOnlyList<FuzzTarget> targets = FuzzTargets.Named(parsed.GetRequiredValue(only));
            DirectoryInfo found = parsed.GetRequiredValue(output);
            CorpusFolder Corpus(FuzzTarget target) => new(Path.Combine(parsed.GetRequiredValue(corpus).FullName, target.Name));
            CorpusFolder Queue(FuzzTarget target) => new(Path.Combine(found.FullName, "..", "queue", target.Name));
            var time = TimeSpan.FromSeconds(parsed.GetValue(seconds));
            if (parsed.GetValue(worker) is { } slotFile)
            {
                using var slot = new InputSlot(slotFile);
                new FuzzWorker(targets[0], new Findings(found.FullName), Corpus(targets[0]), Queue(targets[0]), slot).Run(time);
                return 0;
            }
            if (parsed.GetValue(replay) is { } file)
                return Replay(targets[0], file);
            if (!parsed.GetValue(minimize))
                return await new FuzzRun(parsed.GetRequiredValue(corpus), found, time).RunAsync(targets, cancellation);
            foreach (FuzzTarget target in targets)
                Console.WriteLine($"{target.Name}: {CorpusMinimizer.Minimize(target, Corpus(target), Queue(target))} inputs");
            return 0;
        });
        return command;
    }

    private static int Replay(FuzzTarget target, FileInfo file)
    {
        try
        {
            FuzzCase.Run(target, File.ReadAllBytes(file.FullName), FuzzCase.MaxTime);
            Console.WriteLine($"{target.Name}: {file.Name} breaks no rule.");
            return 0;
        }
        catch (Exception exception)
        {
            Console.WriteLine(exception);
            return 1;
        }
    }
}
