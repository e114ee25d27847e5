namespace TlsPool.Actors.Management.Operations;

/// <summary>What an operation is told. Options of commands, members of JSON objects and parameters of queries have these names.</summary>
/// <param name="Name">Its name, in lower case with hyphens.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Summary">What it means, for people.</param>
public sealed record Parameter(string Name, ParameterKind Kind, string Summary)
{
    /// <summary>True if the operation does nothing without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>True if it takes several values.</summary>
    public bool IsList { get; init; }

    /// <summary>The values it takes; empty for any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];
}

/// <summary>What a <see cref="Parameter"/> takes.</summary>
public enum ParameterKind
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A number that is not negative.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>A secret. In JSON it is in Base64, so that it can be overwritten once it has been used.</summary>
    Secret,

    /// <summary>The content of a file with certificates in PEM; commands take the file's name.</summary>
    Certificates,
}
