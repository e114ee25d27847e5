namespace TlsPool.Actors.Management.Views;

/// <summary>A part of a list. Immutable.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">The part, in order; at most as many as were asked for.</param>
/// <param name="Total">How many pass the filter in all, as far as nodes have answered.</param>
/// <param name="Next">Where the next part begins; null if there is none.</param>
/// <param name="Silent">Nodes that did not answer: what they have is missing.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, long Total, string? Next, IReadOnlyList<string> Silent) : IPage
{
    IPage IPage.WithSilent(IReadOnlyList<string> nodes) => this with { Silent = [.. Silent, .. nodes] };
}

/// <summary>A part of a list of whatever.</summary>
internal interface IPage
{
    /// <summary>The same, with nodes that did not answer.</summary>
    IPage WithSilent(IReadOnlyList<string> nodes);
}
