using System.Runtime.InteropServices;

namespace TlsPool.Tests.Interop;

/// <summary>The environment as libraries in C see it; .NET changes a copy.</summary>
internal static partial class CEnvironment
{
    internal static void Set(string name, string value) => _ = setenv(name, value, 1);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
