// The build of the TLS Pool. Run it as ./build.sh --target=NAME; ./build.sh --description lists the targets.
#load "build/Prerequisites.cake"
#load "build/TestResults.cake"
#load "build/Package.cake"

using System.Globalization;

var target = Argument("target", "Build");
var configuration = Argument("configuration", "Release");
var artifacts = MakeAbsolute(Directory("artifacts"));
const string Solution = "TlsPool.slnx";

void Dotnet(params string[] arguments)
{
    var code = Run("dotnet", arguments);
    if (code != 0) throw new CakeException(code, $"dotnet {arguments[0]} ended with exit code {code}.");
}

string Output(string project, string file) =>
    MakeAbsolute(File($"{project}/bin/{configuration}/net10.0/{file}")).FullPath;

Teardown(_ =>
{
    if (EnvironmentVariable("CI") == "true") Dotnet("build-server", "shutdown", "--vbcscompiler");
});

Task("Restore")
    .Does(() => Dotnet("restore", Solution, "--verbosity", "quiet"));

Task("Build")
    .Description("Compiles everything; warnings are errors.")
    .IsDependentOn("Restore")
    .Does(() => Dotnet("build", Solution, "--no-restore", "--configuration", configuration, "--verbosity", "minimal", "--nologo"));

Task("Format")
    .Description("Formats the sources as .editorconfig says.")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        Dotnet("format", "whitespace", Solution, "--no-restore");
        Dotnet("format", "style", Solution, "--no-restore");
    });

// Code style is checked by the compiler (EnforceCodeStyleInBuild); white space only by this.
Task("FormatCheck")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        if (Run("dotnet", "format", "whitespace", Solution, "--no-restore", "--verify-no-changes") != 0)
            throw new CakeException("The sources are not formatted: run ./build.sh --target=Format and commit what it changes.");
    });

Task("Prerequisites")
    .Description("Installs what the tests and the demo need (as root on Debian), or says what to install.")
    .Does(() => Prerequisites.Require(Context, Prerequisites.ForTests));

Task("Test")
    .Description("Builds, checks the formatting and runs all tests but those of Soak and PackTest. --filter=EXPRESSION narrows them.")
    .IsDependentOn("Prerequisites")
    .IsDependentOn("Build")
    .IsDependentOn("FormatCheck")
    .Does(() => RunTests(Argument("filter", ""), "TestCategory!=Soak&TestCategory!=Pack"));

Task("Soak")
    .Description("Runs the long tests: many connections, much data, for a long time.")
    .IsDependentOn("Prerequisites")
    .IsDependentOn("Build")
    .Does(() => RunTests(Argument("filter", ""), "TestCategory=Soak"));

void RunTests(string filter, string category)
{
    var results = artifacts.Combine("test-results");
    // The tests start thousands of short-lived programs, as Pack ships them: compiled ahead of time, which is a third less work for each
    var program = artifacts.Combine("test-program");
    Publish(program, "--self-contained", "false");
    System.Environment.SetEnvironmentVariable("TLSPOOL_TEST_PROGRAM", $"{program}/tlspool");
    CleanDirectory(results);
    var code = Run("dotnet", "test", "TlsPool.Tests", "--no-build", "--configuration", configuration, "--nologo",
        "--filter", filter == "" ? category : $"({filter})&({category})",
        "--results-directory", results.FullPath, "--logger", "trx", "--logger", "console;verbosity=minimal",
        // a test that hangs is named and ended instead of taking the whole run with it
        "--blame-hang-timeout", "10m", "--blame-hang-dump-type", "none");
    var counts = TestResults.Read(GetFiles($"{results}/**/*.trx").Select(file => file.FullPath));
    // the counts are the run's closing line, below Cake's own report
    AppDomain.CurrentDomain.ProcessExit += (_, _) => Console.WriteLine($"\n{counts}");
    if (code != 0 || counts.Failed > 0) throw new CakeException(1, "Tests failed; what they said is above.");
    if (counts.Passed == 0) throw new CakeException(1, "No test was run.");
}

Task("Demo")
    .Description("Shows a page going through the pool and two tunnels.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        Prerequisites.Require(Context, Prerequisites.ForDemo);
        Dotnet(Output("TlsPool.Cli", "tlspool.dll"), "demo");
    });

string architecture = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();

void Publish(DirectoryPath output, params string[] more)
{
    Dotnet(
    [
        "publish", "TlsPool.Cli", "--configuration", "Release", "--runtime", $"linux-{architecture}", "-p:PublishReadyToRun=true",
        "--output", output.FullPath, "--verbosity", "quiet", "--nologo", .. more,
    ]);
    // Not by DebugType=none, which would have everything compiled anew that Build has compiled
    DeleteFiles($"{output}/*.pdb");
}

Task("Bench")
    .Description("Compares the tunnel with stunnel, haproxy, nginx and hitch. Options: --only=A,B --rounds=N --seconds=N --sessions=N.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        Prerequisites.Require(Context, Prerequisites.ForBench);
        // What is measured is what Pack ships: compiled ahead of time.
        var program = artifacts.Combine("bench/program");
        Publish(program, "--self-contained", "false");
        System.Environment.SetEnvironmentVariable("TLSPOOL_BENCH_PROGRAM", $"{program}/tlspool");
        var options = new List<string> { Output("TlsPool.Bench", "TlsPool.Bench.dll"), "peers", "--out", $"{artifacts}/bench" };
        foreach (var name in new[] { "only", "rounds", "seconds", "sessions", "columns" })
            if (HasArgument(name)) options.AddRange([$"--{name}", Argument<string>(name)]);
        Dotnet(options.ToArray());
    });

Task("BenchCluster")
    .Description("Measures a cluster of three nodes: remote signing against local, fail-over, idle cost. Options: --rounds=N --seconds=N.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        Prerequisites.Require(Context, Prerequisites.ForBench);
        Prerequisites.Require(Context, Prerequisites.ForTests);
        var program = artifacts.Combine("bench/program");
        Publish(program, "--self-contained", "false");
        System.Environment.SetEnvironmentVariable("TLSPOOL_BENCH_PROGRAM", $"{program}/tlspool");
        var options = new List<string> { Output("TlsPool.Bench", "TlsPool.Bench.dll"), "cluster" };
        foreach (var name in new[] { "rounds", "seconds" })
            if (HasArgument(name)) options.AddRange([$"--{name}", Argument<string>(name)]);
        Dotnet(options.ToArray());
    });

Task("BenchConsole")
    .Description("Measures how soon the console shows 1,000 to 100,000 sessions, and what it costs the node. Options: --sessions=N --seconds=N.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        var program = artifacts.Combine("bench/program");
        Publish(program, "--self-contained", "false");
        System.Environment.SetEnvironmentVariable("TLSPOOL_BENCH_PROGRAM", $"{program}/tlspool");
        var options = new List<string> { Output("TlsPool.Bench", "TlsPool.Bench.dll"), "console" };
        foreach (var name in new[] { "sessions", "seconds" })
            if (HasArgument(name)) options.AddRange([$"--{name}", Argument<string>(name)]);
        Dotnet(options.ToArray());
    });

Task("Fuzz")
    .Description("Fuzzes each target for --seconds=60 seconds; --only=NAME picks one. Findings end up in artifacts/fuzz/findings.")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        var harness = artifacts.Combine("fuzz/harness");
        CleanDirectory(harness);
        Dotnet("publish", "TlsPool.Bench", "--configuration", "Release", "--output", harness.FullPath, "--verbosity", "quiet", "--nologo");
        foreach (var assembly in new[] { "TlsPool.Protocol", "TlsPool.Crypto", "TlsPool.Actors" })
            Dotnet("sharpfuzz", $"{harness}/{assembly}.dll");
        // What parses; the arithmetic below it has no branches that a message could choose, and many that cost time
        Dotnet("sharpfuzz", $"{harness}/BouncyCastle.Cryptography.dll", "Org.BouncyCastle.Tls", "Org.BouncyCastle.Asn1",
            "Org.BouncyCastle.X509", "Org.BouncyCastle.Pkix", "Org.BouncyCastle.Pkcs");
        Dotnet($"{harness}/TlsPool.Bench.dll", "fuzz", "--corpus", "TlsPool.Tests/Corpus", "--out", $"{artifacts}/fuzz/findings",
            "--seconds", Argument("seconds", 60).ToString(CultureInfo.InvariantCulture), "--only", Argument("only", "all"));
    });

Task("Pack")
    .Description("Makes artifacts/tlspool-VERSION-linux-ARCH.tar.gz, which needs no .NET where it is unpacked, and a Debian package.")
    .Does(() =>
    {
        Prerequisites.Require(Context, Prerequisites.ForPack);
        var version = XmlPeek("Directory.Build.props", "/Project/PropertyGroup/VersionPrefix");
        var name = $"tlspool-{version}-linux-{architecture}";
        var folder = artifacts.Combine(name);
        CleanDirectory(folder);
        StageProgram(folder.Combine("lib"), folder.Combine("share"));
        foreach (var file in new[] { "README.md", "LICENSE" }) CopyFileToDirectory(file, folder);
        foreach (var extra in new[] { "docs", "deploy" }) CopyDirectory(extra, folder.Combine(extra));
        Must("tar", "-C", artifacts.FullPath, "-czf", $"{artifacts}/{name}.tar.gz", name);
        Console.WriteLine($"{artifacts}/{name}.tar.gz");
        Console.WriteLine(MakeDebianPackage(version, folder.Combine("lib"), folder.Combine("share"), artifacts.Combine("debian")));
    });

Task("PackTest")
    .Description("Packs, and tests the Debian package: installs it into a Debian of its own, uses it, removes and purges it.")
    .IsDependentOn("Pack")
    .IsDependentOn("Build")
    .Does(() =>
    {
        Prerequisites.Require(Context, Prerequisites.ForPackTest);
        System.Environment.SetEnvironmentVariable("TLSPOOL_TEST_PACKAGE", GetFiles($"{artifacts}/tlspool_*.deb").Single().FullPath);
        RunTests(Argument("filter", ""), "TestCategory=Pack");
    });

RunTarget(target);
