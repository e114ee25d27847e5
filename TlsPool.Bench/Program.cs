using System.CommandLine;
using System.Runtime.Versioning;
using TlsPool.Bench.Clusters;
using TlsPool.Bench.Consoles;
using TlsPool.Bench.Fuzzing;
using TlsPool.Bench.Peers;

[assembly: SupportedOSPlatform("linux")]

var root = new RootCommand("Measures and fuzzes the TLS Pool.") { PeersCommand.Create(), ClusterCommand.Create(), ConsoleCommand.Create(), FuzzCommand.Create() };
return await root.Parse(args).InvokeAsync();
