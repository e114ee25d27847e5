using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios;

/// <summary>A thousand sessions that wait for one PIN.</summary>
[Parallelizable]
public sealed class ManySessionsOnePinTests
{
    private const string Pin = "1000-sessions-and-one-pin";
    private const int Sessions = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Test]
    public async Task One_question_serves_them_all()
    {
        await using LockedTokens tokens = await LockedTokens.StartAsync(new Dictionary<string, string> { ["one"] = Pin });
        await using TlsPoolClient client = tokens.Pool.Client();
        using var answer = new ManualResetEventSlim();
        await using var program = new PinProgram(tokens.Pool, _ =>
        {
            answer.Wait(Patience);
            return Pin;
        });
        List<Task<TlsSession>> servers = [], clients = [];
        for (int session = 0; session < Sessions; session++)
        {
            (Socket near, Socket far) = RawApplication.TcpPair();
            servers.Add(client.StartTlsAsync(near, StartTlsOptions.Server("one.example", StartTlsFlags.IgnoreRemoteId) with { Timeout = Patience }));
            clients.Add(client.StartTlsAsync(far, StartTlsOptions.Client("one.example") with { Timeout = Patience }));
        }
        Assert.That(servers.Exists(server => server.IsCompleted), Is.False, "they wait");
        answer.Set();
        try
        {
            await Task.WhenAll(servers.Concat(clients)).WaitAsync(Patience);
        }
        finally
        {
            foreach (Task<TlsSession> session in servers.Concat(clients).Where(session => session.IsCompletedSuccessfully))
                (await session).Dispose();
        }
        Assert.That(program.Prompts, Has.Count.EqualTo(1));
        Assert.That(tokens.Pool.IsAlive());
    }
}
