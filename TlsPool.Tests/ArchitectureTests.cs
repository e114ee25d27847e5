using System.Reflection;
using System.Runtime.CompilerServices;
using Akka.Actor;
using ArchUnitNET.Domain;
using ArchUnitNET.Fluent;
using ArchUnitNET.Loader;
using ArchUnitNET.NUnit;
using NUnit.Framework;
using TlsPool.Actors;
using TlsPool.Crypto.Handshakes;
using TlsPool.Protocol.Frames;
using TlsPool.Protocol.IO;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using Assembly = System.Reflection.Assembly;

namespace TlsPool.Tests;

/// <summary>The house: which part may use which, and what a type may look like.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ArchitectureTests
{
    private const string Akka = @"^Akka(\.|$)";
    private const string BouncyCastle = @"^Org\.BouncyCastle(\.|$)";
    private const string Pkcs11 = @"^Net\.Pkcs11Interop(\.|$)";
    private const string Sqlite = @"^Microsoft\.Data\.Sqlite(\.|$)";
    private const string Hosting = @"^Microsoft\.Extensions\.Hosting(\.|$)";
    private const string CommandLine = @"^System\.CommandLine(\.|$)";

    private static readonly Assembly Protocol = typeof(FrameCodec).Assembly;
    private static readonly Assembly Crypto = typeof(HandshakeMachine).Assembly;
    private static readonly Assembly Actors = typeof(PoolSupervisor).Assembly;
    private static readonly Assembly Cli = Assembly.Load("tlspool");
    private static readonly Assembly[] Product = [Protocol, Crypto, Actors, Cli];

    private static readonly Lazy<Architecture> House = new(() => new ArchLoader().LoadAssemblies(Product).Build());

    // Fields that are static and may change, each with the reason why it cannot live in an object.
    private static readonly Dictionary<string, string> ChangingStatics = new()
    {
        [$"{typeof(EventLoop)}.t_current"] = "which loop the thread belongs to is a fact of the thread",
    };

    [TestCase(@"^TlsPool\.(Crypto|Actors|Cli)(\.|$)")]
    [TestCase(Akka)]
    [TestCase(BouncyCastle)]
    [TestCase(Pkcs11)]
    [TestCase(Sqlite)]
    [TestCase(Hosting)]
    [TestCase(CommandLine)]
    public void Protocol_does_not_use(string namespaces) => Forbid(Protocol, namespaces).Check(House.Value);

    [TestCase(@"^TlsPool\.(Actors|Cli)(\.|$)")]
    [TestCase(Akka)]
    [TestCase(Sqlite)]
    [TestCase(Hosting)]
    [TestCase(CommandLine)]
    public void Crypto_does_not_use(string namespaces) => Forbid(Crypto, namespaces).Check(House.Value);

    [TestCase(@"^TlsPool\.Cli(\.|$)")]
    [TestCase(CommandLine)]
    public void Actors_do_not_use(string namespaces) => Forbid(Actors, namespaces).Check(House.Value);

    [Test]
    public void These_rules_would_see_a_forbidden_use() =>
        Assert.That(Forbid(Actors, Akka).HasNoViolations(House.Value), Is.False);

    [Test]
    public void Native_functions_are_declared_in_Interop_namespaces_only() =>
        Assert.That(OwnTypes()
            .Where(type => type.GetMethods(Declared).Any(method => method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)))
            .Where(type => type.Namespace?.Split('.').Contains("Interop") != true), Is.Empty);

    [Test]
    public void Native_functions_stay_internal() =>
        Assert.That(OwnTypes().Where(type => type.IsVisible && type.Namespace?.Split('.').Contains("Interop") == true), Is.Empty);

    [Test]
    public void No_type_has_a_name_that_says_nothing() =>
        Assert.That(OwnTypes().Where(type =>
            new[] { "Helper", "Util", "Common", "Manager", "Misc" }.Any(word => type.Name.Contains(word, StringComparison.Ordinal))),
            Is.Empty);

    [Test]
    public void Actors_are_sealed_and_named_as_actors() =>
        Assert.That(OwnTypes().Where(type => type.IsSubclassOf(typeof(ActorBase)) && !type.IsAbstract)
            .Where(type => !type.IsSealed
                || !new[] { "Actor", "Registry", "Router", "Signer", "Supervisor" }.Any(end => type.Name.EndsWith(end, StringComparison.Ordinal))), Is.Empty);

    [Test]
    public void No_static_field_changes() =>
        Assert.That(OwnTypes().Where(type => !IsCompilerMade(type))
            .SelectMany(type => type.GetFields(Declared))
            .Where(field => field is { IsStatic: true, IsInitOnly: false, IsLiteral: false } && !IsCompilerMade(field))
            .Select(field => $"{field.DeclaringType}.{field.Name}")
            .Where(name => !ChangingStatics.ContainsKey(name)), Is.Empty);

    private const BindingFlags Declared =
        BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static ArchRule<IType> Forbid(Assembly user, string namespaces) =>
        Types().That().ResideInAssembly(user).Should()
            .NotDependOnAny(Types(includeReferenced: true).That().ResideInNamespaceMatching(namespaces))
            .WithoutRequiringPositiveResults();

    private static IEnumerable<System.Type> OwnTypes() => Product.SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.FullName?.StartsWith("TlsPool.", StringComparison.Ordinal) == true);

    private static bool IsCompilerMade(MemberInfo member) =>
        member.Name.Contains('<', StringComparison.Ordinal) || member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
