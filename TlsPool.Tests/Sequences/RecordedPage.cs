using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.IO;
using TlsPool.Tests.Documentation;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Sequences;

/// <summary>
/// A page of <c>docs/sequences</c> on its way: programs speak to a running pool through relays that write down what passes. With
/// <c>TLSPOOL_RECORD_SEQUENCES=1</c> the page is written; otherwise the one that is there has to say the same.
/// </summary>
internal sealed class RecordedPage : IAsyncDisposable
{
    private readonly PoolProcess _pool;
    private readonly EventLoop _loop = new("relay");
    private readonly List<IDisposable> _relays = [];

    internal RecordedPage(PoolProcess pool) => _pool = pool;

    internal Sequence Sequence { get; } = new();

    /// <summary>The socket for a participant, whose frames will be on the page.</summary>
    internal string SocketFor(string participant)
    {
        var relay = new FrameRelay(_loop, _pool.SocketPath, participant, Sequence);
        _relays.Add(relay);
        return relay.Path;
    }

    /// <summary>The client library for a participant.</summary>
    internal TlsPoolClient Client(string participant) => new(new TlsPoolClientOptions { SocketPath = SocketFor(participant) });

    /// <summary>Waits until a step is on the page.</summary>
    internal Task WaitForAsync(string text) => Scenarios.Waiting.ForAsync(() => Sequence.Has(text));

    /// <summary>Compares with the page in the documentation, or writes it.</summary>
    internal void Check(string name, string title, string introduction)
    {
        string page = Sequence.Page(title, introduction);
        string file = Path.Combine(DocumentationPage.Root, "docs", "sequences", name + ".md");
        if (Environment.GetEnvironmentVariable("TLSPOOL_RECORD_SEQUENCES") == "1")
        {
            File.WriteAllText(file, page);
            return;
        }
        Assert.That(
            page,
            Is.EqualTo(File.Exists(file) ? File.ReadAllText(file) : ""),
            $"what the pool does is not what {file} says; TLSPOOL_RECORD_SEQUENCES=1 writes the page anew");
    }

    public ValueTask DisposeAsync()
    {
        _relays.ForEach(relay => relay.Dispose());
        _loop.Dispose();
        return ValueTask.CompletedTask;
    }
}
