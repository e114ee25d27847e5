using System.Globalization;

namespace TlsPool.Bench.Peers;

/// <summary>CPU time and memory of processes and all their descendants, from /proc.</summary>
internal static class ProcessFigures
{
    // USER_HZ, which the kernel's /proc has used on every architecture since 2.6
    private const double TicksPerSecond = 100;

    /// <summary>User and system time so far, of dead children that were waited for too.</summary>
    public static TimeSpan CpuTime(IEnumerable<int> roots)
    {
        // utime, stime, cutime and cstime are fields 14 to 17 of proc(5)'s list, which counts from 1
        var ticks = Tree(roots).Sum(process => Stat(process).Skip(14 - 3).Take(4).Sum(Number));
        return TimeSpan.FromSeconds(ticks / TicksPerSecond);
    }

    /// <summary>Proportional set size in bytes: shared pages count once.</summary>
    public static long Memory(IEnumerable<int> roots) => 1024 * Tree(roots).Sum(process =>
    {
        var line = Read(process, "smaps_rollup").Split('\n').FirstOrDefault(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return line is null ? 0 : Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    });

    public static int Threads(IEnumerable<int> roots) => Tree(roots).Sum(process => (int)Number(Stat(process)[20 - 3]));

    private static HashSet<int> Tree(IEnumerable<int> roots)
    {
        var tree = roots.ToHashSet();
        var parents = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Select(process => (Process: process, Stat: Stat(process))).Where(item => item.Stat.Length > 1)
            .Select(item => (item.Process, Parent: (int)Number(item.Stat[1]))).ToArray();
        // a child's number may be below its parent's, so go on until nothing is added
        for (var size = 0; size < tree.Count;)
        {
            size = tree.Count;
            tree.UnionWith(parents.Where(item => tree.Contains(item.Parent)).Select(item => item.Process).ToArray());
        }

        return tree;
    }

    // The fields from the third on: the second, the name in brackets, may hold blanks.
    private static string[] Stat(int process)
    {
        var text = Read(process, "stat");
        return text.Length == 0 ? [] : text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static string Read(int process, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/{file}");
        }
        catch (IOException)
        {
            // it ended between the listing and the look
            return "";
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
