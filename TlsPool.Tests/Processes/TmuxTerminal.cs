using System.Diagnostics;
using NUnit.Framework;

namespace TlsPool.Tests.Processes;

/// <summary>A terminal of tmux, in which a program is used as a person would.</summary>
internal sealed class TmuxTerminal : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly Dictionary<string, string> Locale = new() { ["LC_ALL"] = "C.UTF-8" };

    private readonly string _directory = Directory.CreateTempSubdirectory("tlspool-tmux-").FullName;

    private TmuxTerminal()
    {
    }

    /// <summary>Starts a program in a terminal of its own. When it ends, its exit code and the terminal's modes are written.</summary>
    internal static async Task<TmuxTerminal> StartAsync(int columns, int rows, string program, params string[] arguments)
    {
        var terminal = new TmuxTerminal();
        string command = string.Join(' ', arguments.Prepend(program).Select(word => $"'{word}'"));
        await terminal.TmuxAsync("-u", "-f", "/dev/null", "new-session", "-d", "-x", $"{columns}", "-y", $"{rows}", $"{command}; echo \"left with $?\"; stty -a; exec sleep 1000");
        return terminal;
    }

    /// <summary>Presses keys, by tmux's names.</summary>
    internal Task PressAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    /// <summary>Types a text.</summary>
    internal Task TypeAsync(string text) => TmuxAsync("send-keys", "-l", text);

    /// <summary>Gives the terminal another size.</summary>
    internal Task ResizeAsync(int columns, int rows) => TmuxAsync("resize-window", "-x", $"{columns}", "-y", $"{rows}");

    /// <summary>What is on the screen.</summary>
    /// <param name="options">More options of capture-pane.</param>
    internal Task<string> ScreenAsync(params string[] options) => TmuxAsync(["capture-pane", "-p", .. options]);

    /// <summary>Waits until something is on the screen.</summary>
    internal Task<string> WaitForAsync(string text) => WaitForAsync(screen => screen.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until the screen is as it should be.</summary>
    internal async Task<string> WaitForAsync(Func<string, bool> seen, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string screen = await ScreenAsync();
            if (seen(screen))
                return screen;
            if (Stopwatch.GetElapsedTime(start) > Patience)
                Assert.Fail($"this did not come: {what}; but:\n{screen}");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.RunAsync("tmux", ["-S", Path.Combine(_directory, "tmux"), "kill-server"]);
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<string> TmuxAsync(params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync("tmux", ["-S", Path.Combine(_directory, "tmux"), .. arguments], Locale);
        Assert.That(code, Is.Zero, $"tmux {string.Join(' ', arguments)}: {output}");
        return output;
    }
}
