using System.Diagnostics;
using NUnit.Framework;
using TlsPool.Bench.Fuzzing;
using TlsPool.Bench.Fuzzing.Targets;

namespace TlsPool.Tests.Fuzzing;

/// <summary>The fuzzer itself: a fuzzer that cannot find anything is always green.</summary>
[Parallelizable]
public sealed class FuzzerTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tlspool-fuzz-").FullName;

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test, CancelAfter(120_000), Category("Soak")]
    public async Task A_broken_rule_and_a_process_that_dies_are_found_and_can_be_seen_again(CancellationToken cancellation)
    {
        string found = Path.Combine(_folder, "findings");
        Assert.That(
            await Fuzz(cancellation, "--seconds", "30", "--out", found, "--corpus", Path.Combine(_folder, "corpus")), Is.EqualTo(1), "what found something fails");
        string[] files = new Findings(found).Of(SelfTestTarget.SelfTest).ToArray();
        string? broken = files.FirstOrDefault(file => File.ReadAllBytes(file) is [(byte)'R', ..]);
        string? deadly = files.FirstOrDefault(file => File.ReadAllBytes(file) is [(byte)'S', (byte)'O', ..]);
        Assert.That(broken, Is.Not.Null, "an input that starts with R");
        Assert.That(deadly, Is.Not.Null, "an input that starts with SO");
        Assert.That(File.ReadAllText(broken + ".txt"), Does.Contain("no input starts with an R").And.Contain("--replay " + broken));
        Assert.That(File.ReadAllText(deadly + ".txt"), Does.Contain("ended the process"));
        Assert.That(await Fuzz(cancellation, "--replay", broken!), Is.EqualTo(1));
    }

    [Test]
    public void Mutation_keeps_to_the_longest_length_and_takes_an_empty_input()
    {
        var mutator = new Mutator(new Random(1), ["word"u8.ToArray()], maxLength: 50);
        byte[] input = [];
        var lengths = new HashSet<int>();
        for (int i = 0; i < 10_000; i++)
        {
            input = mutator.Mutate(i % 100 == 0 ? [] : input, [1, 2, 3]);
            lengths.Add(input.Length);
        }
        Assert.That(lengths.Max(), Is.EqualTo(50));
        Assert.That(lengths, Has.Count.GreaterThan(40));
    }

    private static async Task<int> Fuzz(CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { typeof(FuzzTarget).Assembly.Location, "fuzz", "--only", SelfTestTarget.SelfTest },
        };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation), errors = process.StandardError.ReadToEndAsync(cancellation);
        try
        {
            await Task.WhenAll(output, errors);
            await process.WaitForExitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        await TestContext.Out.WriteLineAsync(await output);
        return process.ExitCode;
    }
}
