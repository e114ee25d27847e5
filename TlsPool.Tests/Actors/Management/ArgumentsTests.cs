using System.Text;
using NUnit.Framework;
using TlsPool.Actors.Management;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Tests.Actors.Management;

/// <summary>What programs say: taken as it is meant, or refused as a whole.</summary>
[Parallelizable]
public sealed class ArgumentsTests
{
    private static readonly Parameter[] Known =
    [
        new("name", ParameterKind.Text, "a name") { IsRequired = true },
        new("number", ParameterKind.Number, "a number"),
        new("flag", ParameterKind.Flag, "a flag"),
        new("list", ParameterKind.Text, "texts") { IsList = true },
        new("kind", ParameterKind.Text, "one of two") { Choices = ["one", "two"] },
        new("pin", ParameterKind.Secret, "a secret"),
        new("certificates", ParameterKind.Certificates, "certificates"),
    ];

    [Test]
    public void What_a_program_writes_is_read()
    {
        byte[] json = ArgumentWriter.Write(new Dictionary<string, object?>
        {
            ["name"] = "x \"y\" \\ é",
            ["number"] = long.MaxValue,
            ["flag"] = true,
            ["list"] = new List<string> { "a", "b" },
            ["kind"] = null,
            ["pin"] = "1234"u8.ToArray(),
            ["certificates"] = "line\nline\n",
        });
        using Arguments read = Read(json);
        Assert.That(read.Needed("name"), Is.EqualTo("x \"y\" \\ é"));
        Assert.That((read.Number("number"), read.Flag("flag"), read.Text("kind"), read.Text("certificates")), Is.EqualTo((long.MaxValue, true, (string?)null, "line\nline\n")));
        Assert.That(read.List("list"), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(read.Secret("pin"), Is.EqualTo("1234"u8.ToArray()));
    }

    [Test]
    public void A_secret_is_overwritten()
    {
        Arguments read = Read("""{"name":"x","pin":"MTIzNA=="}"""u8.ToArray());
        byte[] secret = read.Secret("pin")!;
        read.Dispose();
        Assert.That(secret, Is.All.Zero);
    }

    [TestCase("", "'name' is missing")]
    [TestCase("{}", "'name' is missing")]
    [TestCase("[]", "arguments are a JSON object")]
    [TestCase("{\"name\":\"x\"} {}", "arguments are")]
    [TestCase("{\"name\":\"x\"", "no JSON")]
    [TestCase("{\"name\":\"x\",\"other\":1}", "no argument 'other'")]
    [TestCase("{\"name\":\"x\",\"name\":\"y\"}", "there twice")]
    [TestCase("{\"name\":7}", "takes a text")]
    [TestCase("{\"name\":\"a\\nb\"}", "control characters")]
    [TestCase("{\"name\":\"x\",\"number\":-1}", "not negative")]
    [TestCase("{\"name\":\"x\",\"number\":1.5}", "not negative")]
    [TestCase("{\"name\":\"x\",\"number\":\"1\"}", "not negative")]
    [TestCase("{\"name\":\"x\",\"number\":99999999999999999999}", "not negative")]
    [TestCase("{\"name\":\"x\",\"flag\":\"yes\"}", "true or false")]
    [TestCase("{\"name\":\"x\",\"list\":\"a\"}", "takes a list")]
    [TestCase("{\"name\":\"x\",\"list\":[1]}", "takes a text")]
    [TestCase("{\"name\":\"x\",\"kind\":\"three\"}", "one of one, two")]
    [TestCase("{\"name\":\"x\",\"pin\":\"not base64\"}", "Base64")]
    [TestCase("{\"name\":{\"a\":{\"b\":{\"c\":{}}}}}", "too deep")]
    public void What_makes_no_sense_is_refused_as_a_whole(string json, string reason) => Assert.That(
        () => Read(Encoding.UTF8.GetBytes(json)),
        Throws.TypeOf<ManagementException>().With.Message.Contains(reason).And.Property("Fault").EqualTo(ManagementFault.BadRequest));

    [Test]
    public void What_is_refused_is_not_repeated() => Assert.That(
        () => Read("""{"name":"x","pin":"c2VjcmV0LXBpbg=" """u8.ToArray()), Throws.TypeOf<ManagementException>().With.Message.Not.Contains("c2VjcmV0"));

    [Test]
    public void Texts_have_a_limit() => Assert.That(
        () => Read(Encoding.UTF8.GetBytes($$"""{"name":"{{new string('x', 5000)}}"}""")), Throws.TypeOf<ManagementException>().With.Message.Contains("4096"));

    private static Arguments Read(byte[] json) => Arguments.Read(json, Known);
}
