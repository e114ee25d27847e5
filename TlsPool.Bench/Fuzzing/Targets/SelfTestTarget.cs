using System.Runtime.CompilerServices;
using System.Text;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>Has the faults that the fuzzer is for: tests see that it finds them.</summary>
internal sealed class SelfTestTarget : FuzzTarget
{
    internal const string SelfTest = "selftest";

    internal override string Name => SelfTest;

    internal override int MaxLength => 8;

    internal override IEnumerable<byte[]> Seeds() => [Encoding.ASCII.GetBytes("tame")];

    internal override void Run(byte[] input)
    {
        FuzzViolationException.Unless(!input.AsSpan().StartsWith("R"u8), "no input starts with an R");
        // Much rarer than the other, which would never be seen otherwise.
        if (input.AsSpan().StartsWith("SO"u8))
            Overflow(input.Length);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    private static int Overflow(int depth) => Overflow(depth + 1) + depth;
}
