using System.Text.Json.Serialization.Metadata;
using TlsPool.Actors.Management.Access;

namespace TlsPool.Actors.Management.Operations;

/// <summary>
/// Something that people who manage the pool can see or do. Console, commands and HTTP offer what is declared here, and nothing else.
/// </summary>
/// <param name="Name">Noun and verb, as <c>session.list</c>; never changes.</param>
/// <param name="Role">Who may.</param>
/// <param name="Summary">What it does, for people.</param>
/// <param name="Result">What it answers with.</param>
public sealed record Operation(string Name, ManagementRole Role, string Summary, JsonTypeInfo Result)
{
    /// <summary>What it can be told.</summary>
    public IReadOnlyList<Parameter> Parameters { get; init; } = [];

    /// <summary>Where it is done.</summary>
    public OperationScope Scope { get; init; } = OperationScope.Node;

    /// <summary>True if it changes something: it is audited, and takes a POST.</summary>
    public bool IsChange { get; init; }

    /// <summary>The parameter whose value people have to type once more before it is done, as it cannot be undone; null for none.</summary>
    public string? Confirms { get; init; }

    /// <summary>What is acted on.</summary>
    public string Noun => Name[..Name.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>What is done to it.</summary>
    public string Verb => Name[(Name.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>Does it at this node, where something else has to answer.</summary>
    internal Func<OperationCall, Task<object>> RunAsync { get; init; } = _ => throw new NotSupportedException();

    /// <summary>Does it at this node, where the one who calls can do all of it.</summary>
    internal Func<OperationCall, object> Run
    {
        init => RunAsync = call => Task.FromResult(value(call));
    }

    /// <summary>Makes one answer of those of several nodes; null if it is done at one.</summary>
    internal Func<IReadOnlyList<object>, OperationCall, object>? Merge { get; init; }
}

/// <summary>Where an <see cref="Operation"/> is done.</summary>
public enum OperationScope
{
    /// <summary>At one node: the one that is named, or the one that is asked.</summary>
    Node,

    /// <summary>At all nodes, or the one that is named; their answers are put together.</summary>
    AllNodes,

    /// <summary>At the node that is asked: all nodes have the same.</summary>
    Policy,
}
