using System.Security.Cryptography;

namespace TlsPool.Bench.Fuzzing;

/// <summary>Inputs of one target, a file each.</summary>
internal sealed class CorpusFolder(string path)
{
    /// <summary>The files, shortest first.</summary>
    internal IReadOnlyList<FileInfo> Files => Directory.Exists(path)
        ? [.. new DirectoryInfo(path).GetFiles().OrderBy(file => file.Length).ThenBy(file => file.Name, StringComparer.Ordinal)]
        : [];

    /// <summary>The inputs, shortest first.</summary>
    internal IEnumerable<byte[]> Inputs => Files.Select(file => File.ReadAllBytes(file.FullName));

    /// <summary>A name that equal inputs share.</summary>
    internal static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8));

    /// <summary>Adds an input.</summary>
    internal void Add(byte[] input)
    {
        Directory.CreateDirectory(path);
        File.WriteAllBytes(Path.Combine(path, NameOf(input)), input);
    }
}
