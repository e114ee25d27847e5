using System.Collections.Concurrent;
using Akka.Actor;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Actors.Tokens;

/// <summary>
/// The threads of a token: each has its own session, since a PKCS #11 session does one thing at a time. Signatures block these threads and no
/// others.
/// </summary>
internal sealed class TokenWorkers : IDisposable
{
    private readonly BlockingCollection<TokenJob> _jobs;
    private readonly IKeyToken _token;
    private readonly IActorRef _owner;

    /// <summary>Starts the threads.</summary>
    /// <param name="token">The token, found and logged in.</param>
    /// <param name="owner">Told a <see cref="TokenJobDone"/> for each job.</param>
    /// <param name="threads">At least 1.</param>
    /// <param name="queue">Most jobs that wait.</param>
    internal TokenWorkers(IKeyToken token, IActorRef owner, int threads, int queue)
    {
        (_token, _owner) = (token, owner);
        _jobs = new BlockingCollection<TokenJob>(queue);
        for (int i = 0; i < threads; i++)
            new Thread(Run) { Name = $"token {i}", IsBackground = true }.Start();
    }

    /// <summary>Queues a job.</summary>
    /// <returns>False if too many wait.</returns>
    internal bool TryAdd(TokenJob job) => _jobs.TryAdd(job);

    /// <summary>Ends the threads once their current job is done. What waits is not done.</summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        while (_jobs.TryTake(out TokenJob? left))
            _owner.Tell(new TokenJobDone(left, null, new TokenException(TokenFault.SessionLost, "the token was lost")));
    }

    private void Run()
    {
        ITokenSession? session = null;
        foreach (TokenJob job in _jobs.GetConsumingEnumerable())
        {
            TokenJobDone done = Do(job, ref session);
            _owner.Tell(done);
        }
        session?.Dispose();
    }

    private TokenJobDone Do(TokenJob job, ref ITokenSession? session)
    {
        if (job.IsOver)
            return new TokenJobDone(job, null, null);
        try
        {
            session ??= _token.OpenSession();
            return new TokenJobDone(job, session.Sign(job.Request), null);
        }
        catch (TokenException failure)
        {
            if (failure.Fault is TokenFault.SessionLost or TokenFault.Removed or TokenFault.NotLoggedIn)
            {
                session?.Dispose();
                session = null;
            }
            return new TokenJobDone(job, null, failure);
        }
    }
}
