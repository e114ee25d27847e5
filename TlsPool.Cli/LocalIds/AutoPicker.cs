using TlsPool.Protocol.Client;

namespace TlsPool.Cli.LocalIds;

/// <summary>Decides by a policy, without anybody.</summary>
/// <param name="policy">The policy.</param>
/// <param name="offered">Identities beside those that are stored and suggested.</param>
internal sealed class AutoPicker(AutoPolicy policy, IReadOnlyList<string> offered) : ILocalIdPicker
{
    public ValueTask<LocalIdChoice?> PickAsync(LocalIdTurn turn, CancellationToken cancellation) =>
        ValueTask.FromResult(Pick(turn) is { } localId ? new LocalIdChoice(localId) : null);

    public void Say(string text) => Console.Error.WriteLine($"tlspool: {text}");

    private string? Pick(LocalIdTurn turn)
    {
        IReadOnlyList<string> candidates = turn.Candidates(offered);
        return policy switch
        {
            AutoPolicy.First when candidates is [var first, ..] => first,
            AutoPolicy.Only when candidates is [var only] => only,
            AutoPolicy.Rule when turn.Stored.Count > 0 => turn.Suggestion,
            AutoPolicy.None => "",
            _ => null,
        };
    }
}
