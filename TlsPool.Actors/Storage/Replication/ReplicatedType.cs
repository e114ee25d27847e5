namespace TlsPool.Actors.Storage.Replication;

/// <summary>What a replicated column holds, and how JSON writes it.</summary>
internal enum ReplicatedType
{
    /// <summary>Text: a JSON string.</summary>
    Text,

    /// <summary>A number of 64 bits: a JSON number, or null.</summary>
    Integer,

    /// <summary>Bytes, never NULL: a JSON string of upper-case hexadecimal digits.</summary>
    Blob,
}
