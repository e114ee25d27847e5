using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Management.Remoting;

/// <summary>A program that is connected. Used by the actor that speaks with it, but for its end.</summary>
/// <param name="principal">Who it speaks for.</param>
internal sealed class ManagementProgram(Principal principal) : IDisposable
{
    private readonly CancellationTokenSource _gone = new();

    /// <summary>Who it speaks for.</summary>
    internal Principal Principal => principal;

    /// <summary>Ends when it has gone.</summary>
    internal CancellationToken Gone => _gone.Token;

    /// <summary>Number of the last request: what has none that is higher was sent before.</summary>
    internal long LastNumber { get; set; }

    /// <summary>Requests under way.</summary>
    internal int Open { get; set; }

    public void Dispose() => _gone.Cancel();
}
