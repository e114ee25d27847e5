using System.Globalization;
using System.Text;

namespace TlsPool.Tests.Processes;

/// <summary>Looks for a secret in the memory of another process (proc(5)).</summary>
internal static class ProcessMemory
{
    private const int Block = 1 << 20;

    /// <summary>Where a text is, in UTF-8 and UTF-16, in everything the process can read.</summary>
    internal static IReadOnlyList<string> Find(int process, string text)
    {
        byte[][] forms = [Encoding.UTF8.GetBytes(text), Encoding.Unicode.GetBytes(text)];
        int longest = forms.Max(form => form.Length);
        List<string> found = [];
        using var memory = new FileStream(
            $"/proc/{process}/mem", new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite });
        byte[] block = new byte[Block + longest];
        foreach (string line in File.ReadLines($"/proc/{process}/maps"))
        {
            string[] parts = line.Split(' ', 6);
            if (!parts[1].StartsWith('r') || parts[5].Contains("[v", StringComparison.Ordinal))
                continue;
            long[] bounds = [.. parts[0].Split('-').Select(bound => long.Parse(bound, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
            for (long at = bounds[0]; at < bounds[1]; at += Block)
            {
                // Blocks overlap, so that nothing hides at their borders.
                Span<byte> wanted = block.AsSpan(0, (int)Math.Min(block.Length, bounds[1] - at));
                int got = Read(memory, at, wanted);
                foreach (byte[] form in forms)
                {
                    if (wanted[..got].IndexOf(form) is >= 0 and var offset)
                        found.Add(FormattableString.Invariant($"{at + offset:x} in {line}"));
                }
            }
        }
        return found;
    }

    private static int Read(FileStream memory, long at, Span<byte> wanted)
    {
        try
        {
            memory.Position = at;
            return memory.ReadAtLeast(wanted, wanted.Length, throwOnEndOfStream: false);
        }
        catch (IOException)
        {
            // Reserved and never touched, or beyond a file's end.
            return 0;
        }
    }
}
