using TlsPool.Actors.Cluster.Wire;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Cluster.People;

/// <summary>What a sealed PIN is for, and whose it is: it is opened only where both sides mean the same. Immutable.</summary>
/// <param name="TokenNode">The token's node.</param>
/// <param name="ProgramNode">Node at which it was entered.</param>
/// <param name="Label">The token's label.</param>
/// <param name="By">The program.</param>
internal sealed record PinContext(string TokenNode, string ProgramNode, string Label, PeerCredentials By)
{
    /// <summary>Its one form in bytes.</summary>
    internal byte[] ToBytes()
    {
        var writer = new WireWriter(WireVersion.Oldest);
        writer.Text(TokenNode);
        writer.Text(ProgramNode);
        writer.Text(Label);
        writer.Number(By.ProcessId);
        writer.Number(By.UserId);
        writer.Number(By.GroupId);
        return writer.ToArray();
    }
}
