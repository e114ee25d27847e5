using TlsPool.Bench.Fuzzing.Targets;

namespace TlsPool.Bench.Fuzzing;

/// <summary>All targets.</summary>
internal static class FuzzTargets
{
    /// <summary>Word for all targets.</summary>
    internal const string Everything = "all";

    /// <summary>Fresh targets, in the order in which they run.</summary>
    internal static IReadOnlyList<FuzzTarget> All() =>
    [
        new FramesTarget(), new RecordsTarget(), new PumpTarget(), new ClientHelloTarget(), new ServerHelloTarget(), new HandshakeTarget(),
        new CertificatesTarget(), new ConfigurationTarget(), new IdentitiesTarget(), new TokenUrisTarget(),
    ];

    /// <summary>Names of <see cref="All"/>.</summary>
    internal static IEnumerable<string> Names => All().Select(target => target.Name);

    /// <summary>The targets that a name stands for.</summary>
    internal static IReadOnlyList<FuzzTarget> Named(string name) => name == Everything
        ? All()
        : [name == SelfTestTarget.SelfTest ? new SelfTestTarget() : All().Single(target => target.Name == name)];
}
