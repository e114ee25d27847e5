using TlsPool.Protocol.Client;

namespace TlsPool.Cli.LocalIds;

/// <summary>Whoever decides whom a client is.</summary>
internal interface ILocalIdPicker
{
    /// <summary>Decides.</summary>
    /// <returns>The choice; null to refuse the session.</returns>
    ValueTask<LocalIdChoice?> PickAsync(LocalIdTurn turn, CancellationToken cancellation);

    /// <summary>Says something to whoever decides.</summary>
    void Say(string text);
}
