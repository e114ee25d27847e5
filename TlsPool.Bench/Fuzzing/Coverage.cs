using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace TlsPool.Bench.Fuzzing;

/// <summary>
/// What the instrumented assemblies went through: SharpFuzz counts each pair of branches in a shared map. An input is worth keeping if it
/// takes a pair for the first time, or clearly more often than before.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    private readonly byte[] _seen = new byte[Size];

    /// <summary>Pairs of branches seen so far.</summary>
    internal int Edges { get; private set; }

    /// <summary>Gives the instrumented code its map; without one it crashes at its first branch.</summary>
    internal static void Start()
    {
        if (Trace.SharedMem is null)
            Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(Size);
    }

    /// <summary>Forgets the run before.</summary>
    internal static void Begin()
    {
        new Span<byte>(Trace.SharedMem, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Takes up what was new in this run.</summary>
    /// <returns>How much was new.</returns>
    internal int Learn()
    {
        int news = 0;
        var words = new ReadOnlySpan<ulong>(Trace.SharedMem, Size / sizeof(ulong));
        for (int word = 0; word < words.Length; word++)
        {
            if (words[word] == 0)
                continue;
            for (int i = word * sizeof(ulong); i < (word + 1) * sizeof(ulong); i++)
                news += Learn(i, Bucket(Trace.SharedMem[i]));
        }
        return news;
    }

    private int Learn(int edge, byte bucket)
    {
        if ((_seen[edge] | bucket) == _seen[edge])
            return 0;
        if (_seen[edge] == 0)
            Edges++;
        _seen[edge] |= bucket;
        return 1;
    }

    /// <summary>Counts that differ little are the same.</summary>
    private static byte Bucket(byte count) => count switch
    {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        < 8 => 8,
        < 16 => 16,
        < 32 => 32,
        < 128 => 64,
        _ => 128,
    };
}
