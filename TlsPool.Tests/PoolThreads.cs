using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TlsPool.Tests;

/// <summary>
/// Some tests hold threads of the runtime's pool, for people who take their time. Where all processors are busy the runtime adds new ones only
/// every few seconds, and other tests would wait for these people too. In the project file it would not count: the test host has a number of its own.
/// </summary>
internal static class PoolThreads
{
    private const int Threads = 64;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "nobody refers to this assembly")]
    internal static void Allow() => ThreadPool.SetMinThreads(Threads, Threads);
}
