using System.Threading.Channels;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Model;

/// <summary>A program that chooses local identities when it is told to.</summary>
internal sealed class ModelledProgram(TlsPoolClient client) : IAsyncDisposable
{
    internal const string Registered = "chooses local identities (";
    internal const string Gone = "that chooses local identities is gone";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<Question> _questions = Channel.CreateUnbounded<Question>();
    private Question? _current;

    internal Task Serving { get; private set; } = Task.CompletedTask;

    internal void Start() => Serving = client.ServeLocalIdAsync(
        async (question, cancellation) =>
        {
            var answer = new TaskCompletionSource<LocalIdChoice?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _questions.Writer.TryWrite(new Question(question.RemoteId, answer));
            return await answer.Task.WaitAsync(cancellation);
        },
        LidEntryFlags.None,
        TimeSpan.FromHours(1));

    /// <summary>Waits until the program has a question; returns the remote identity that it is about.</summary>
    internal async Task<string> AwaitQuestionAsync()
    {
        _current ??= await _questions.Reader.ReadAsync().AsTask().WaitAsync(Patience);
        return _current.RemoteId;
    }

    /// <summary>Waits until the program has a question, or until something is over; null if there is none then.</summary>
    internal async Task<string?> AwaitQuestionAsync(Task over)
    {
        if (_current is null)
            await Task.WhenAny(_questions.Reader.WaitToReadAsync().AsTask(), over).WaitAsync(Patience);
        if (_current is null && _questions.Reader.TryRead(out Question? question))
            _current = question;
        return _current?.RemoteId;
    }

    /// <summary>Answers the question that it has: nobody, or not at all.</summary>
    internal void Answer(bool willing)
    {
        _current!.Answer.SetResult(willing ? new LocalIdChoice("") : null);
        _current = null;
    }

    public async ValueTask DisposeAsync()
    {
        _current?.Answer.TrySetCanceled();
        while (_questions.Reader.TryRead(out Question? open))
            open.Answer.TrySetCanceled();
        await client.DisposeAsync();
        await Serving.ContinueWith(ended => ended.Exception, TaskScheduler.Default);
    }

    private sealed record Question(string RemoteId, TaskCompletionSource<LocalIdChoice?> Answer);
}
