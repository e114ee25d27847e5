namespace TlsPool.Bench.Fuzzing;

/// <summary>A part of the pool that reads hostile bytes, and what has to hold whatever they are. Used by the fuzzer and by the tests.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Name on the command line and of the corpus folder.</summary>
    internal abstract string Name { get; }

    /// <summary>Longest input worth trying, in bytes.</summary>
    internal virtual int MaxLength => 4096;

    /// <summary>Pieces of the input's language, for the mutator.</summary>
    internal virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>Good inputs to start from.</summary>
    internal abstract IEnumerable<byte[]> Seeds();

    /// <summary>Feeds one input. Any exception is a finding; a broken rule is a <see cref="FuzzViolationException"/>.</summary>
    internal abstract void Run(byte[] input);
}
