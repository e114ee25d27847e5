using NUnit.Framework;
using TlsPool.Bench.Fuzzing;

namespace TlsPool.Tests.Fuzzing;

/// <summary>Replays what the fuzzer starts from and what it ever found: see docs/fuzzing.md.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class CorpusTests
{
    /// <summary>Far above what any input takes, since other tests use the processor too.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, FuzzTarget> Targets = FuzzTargets.All().ToDictionary(target => target.Name);

    [TestCaseSource(nameof(Files))]
    public void An_input_of_the_corpus_breaks_no_rule(string target, string file) =>
        Assert.That(() => FuzzCase.Run(Targets[target], File.ReadAllBytes(Path.Combine(Folder(target), file)), Patience), Throws.Nothing);

    [TestCaseSource(nameof(Names))]
    public void A_seed_breaks_no_rule(string target)
    {
        byte[][] seeds = [.. Targets[target].Seeds()];
        Assert.That(seeds, Is.Not.Empty);
        foreach (byte[] seed in seeds)
            Assert.That(() => FuzzCase.Run(Targets[target], seed, Patience), Throws.Nothing, Convert.ToHexString(seed));
    }

    [TestCaseSource(nameof(Names))]
    public void Every_target_has_a_corpus(string target) => Assert.That(new CorpusFolder(Folder(target)).Files, Is.Not.Empty);

    [Test]
    public void Every_folder_of_the_corpus_belongs_to_a_target() =>
        Assert.That(new DirectoryInfo(Folder("")).GetDirectories().Select(folder => folder.Name), Is.EquivalentTo(Targets.Keys));

    [Test]
    public void The_corpus_is_small_enough_for_a_repository()
    {
        FileInfo[] files = new DirectoryInfo(Folder("")).GetFiles("*", SearchOption.AllDirectories);
        Assert.That(files, Has.Length.LessThanOrEqualTo(300));
        Assert.That(files.Sum(file => file.Length), Is.LessThanOrEqualTo(1 << 20));
    }

    private static string[] Names() => [.. Targets.Keys];

    private static IEnumerable<TestCaseData> Files() => Targets.Keys.SelectMany(target =>
        new CorpusFolder(Folder(target)).Files.Select(file => new TestCaseData(target, file.Name)));

    private static string Folder(string target) => Path.Combine(AppContext.BaseDirectory, "Corpus", target);
}
