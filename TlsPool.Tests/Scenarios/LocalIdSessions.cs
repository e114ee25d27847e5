using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Scenarios;

/// <summary>Sessions between a client and the server www.server.example, both of one pool.</summary>
internal static class LocalIdSessions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sets up a session; the result is whom the server sees. What the client's side fails with is thrown.</summary>
    internal static async Task<string> SeenAsync(TlsPoolClient client, StartTlsOptions options)
    {
        (Socket near, Socket far) = RawApplication.TcpPair();
        Task<TlsSession> serving = client.StartTlsAsync(near, StartTlsOptions.Server("www.server.example", StartTlsFlags.RequestRemoteId));
        try
        {
            using TlsSession asked = await client.StartTlsAsync(far, options).WaitAsync(Patience);
            using TlsSession served = await serving.WaitAsync(Patience);
            Assert.That(asked.LocalId, Is.EqualTo(served.RemoteId), "the application is told whom it is");
            return served.RemoteId;
        }
        catch (TlsPoolException)
        {
            (await serving.ContinueWith(ended => ended.IsCompletedSuccessfully ? ended.Result : null, TaskScheduler.Default).WaitAsync(Patience))?.Dispose();
            throw;
        }
    }
}
