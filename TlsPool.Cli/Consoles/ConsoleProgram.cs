using System.Runtime.InteropServices;
using System.Threading.Channels;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;
using TlsPool.Cli.Pins;

namespace TlsPool.Cli.Consoles;

/// <summary>
/// The console while it runs. Keys, answers of the node and the clock become work for one thread, which draws when it has done it; nothing
/// that takes time happens there.
/// </summary>
internal sealed class ConsoleProgram
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Terminal _terminal;
    private readonly NodeLink _link;
    private readonly ConsoleModel _model;

    private ConsoleProgram(Terminal terminal, Func<CancellationToken, Task<ManagementClient>> connect, ConsoleSettings settings)
    {
        _terminal = terminal;
        _link = new NodeLink(connect, () => Post(() => _model!.Tick()));
        _model = new ConsoleModel(_link, settings, Post);
    }

    /// <summary>Runs until somebody leaves it; the terminal then is as it was before.</summary>
    /// <param name="connect">Connects with the node.</param>
    /// <param name="settings">What the console was started with.</param>
    /// <exception cref="CommandException">There is no terminal that it could use.</exception>
    internal static async Task RunAsync(Func<CancellationToken, Task<ManagementClient>> connect, ConsoleSettings settings)
    {
        using Terminal terminal = Terminal.TryOpen() ?? throw new CommandException("the console needs a terminal: 'tlspool node overview' and the like write to files");
        if (Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
            throw new CommandException("the console needs a terminal that can do more: TERM says that this one cannot");
        using var termination = new Termination();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(termination.Token);
        var program = new ConsoleProgram(terminal, connect, settings);
        Task link = program._link.RunAsync(end.Token);
        try
        {
            await program.RunAsync(end).ConfigureAwait(false);
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
        await link.ConfigureAwait(false);
    }

    private async Task RunAsync(CancellationTokenSource end)
    {
        using IDisposable keys = _terminal.TakeKeys();
        using var writer = new ScreenWriter(_terminal.Write);
        using PosixSignalRegistration resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Post(() => { }));
        using PosixSignalRegistration woken = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => Post(writer.Forget));
        new KeyReader(_terminal, key => Post(() => Take(key, writer)), () => Post(_model.Leave)).Start(end.Token);
        Task clock = TickAsync(end.Token);
        try
        {
            while (!_model.IsOver)
            {
                (int columns, int rows) = _terminal.Size;
                _model.Resize(rows);
                var canvas = new Canvas(columns, rows);
                new ConsoleView(canvas, _model, DateTimeOffset.UtcNow).Draw();
                writer.Show(canvas);
                (await _work.Reader.ReadAsync(end.Token).ConfigureAwait(false))();
                // What has come meanwhile is drawn once.
                while (!_model.IsOver && _work.Reader.TryRead(out Action? more))
                    more();
            }
        }
        catch (OperationCanceledException)
        {
            // A signal.
        }
        await end.CancelAsync().ConfigureAwait(false);
        await clock.ConfigureAwait(false);
    }

    private void Take(Key key, ScreenWriter writer)
    {
        if (key.Kind == KeyKind.Redraw)
            writer.Forget();
        else
            _model.Take(key);
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await Task.Delay(Second, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Post(_model.Tick);
        }
    }

    private void Post(Action work) => _work.Writer.TryWrite(work);
}
