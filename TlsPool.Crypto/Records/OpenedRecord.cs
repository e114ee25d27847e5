namespace TlsPool.Crypto.Records;

/// <summary>Content of an opened record.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Offset">Offset in the record buffer.</param>
/// <param name="Length">0 to 16384.</param>
public readonly record struct OpenedRecord(ContentType Type, int Offset, int Length);
