using System.Collections;
using System.Text;
using NUnit.Framework;
using TlsPool.Actors.Configuration;

namespace TlsPool.Tests.Actors.Configuration;

[Parallelizable(ParallelScope.All)]
public sealed class ConfigurationWarningTests
{
    private const string Pin = "S3cr3tP1N";

    [Test]
    public void An_unknown_keyword_is_named_with_its_line() =>
        Assert.That(Warnings("# first\nno_such-word 1\n"), Is.EqualTo(new[] { "test.conf:2: unknown keyword 'no_such-word' is ignored" }));

    [TestCase("pkcs11_pin=" + Pin)]
    [TestCase("pkcs11_pin" + Pin + " x")]
    [TestCase("pkcs11_pin:" + Pin + " x")]
    [TestCase("\u009b31mred 1")]
    [TestCase("a\u007f 1")]
    [TestCase("\u202eevil 1")]
    public void What_is_no_keyword_is_not_repeated(string line) =>
        Assert.That(
            Warnings(line + "\n"), Is.EqualTo(new[] { "test.conf:1: a line that does not start with a keyword and one space is ignored" }));

    [Test]
    public void The_text_of_a_module_has_no_pin_of_its_uri()
    {
        PoolConfiguration configuration = Parse($"pkcs11_path /m.so\npkcs11_token pkcs11:token=t?pin-value={Pin}\n", out _);
        Assert.That(configuration.Modules.Single().ToString(), Is.EqualTo("/m.so pkcs11:token=t"));
    }

    private static IReadOnlyList<string> Warnings(string content)
    {
        Parse(content, out IReadOnlyList<string> warnings);
        return warnings;
    }

    private static PoolConfiguration Parse(string content, out IReadOnlyList<string> warnings) =>
        ConfigurationReader.Parse(Encoding.UTF8.GetBytes(content), "test.conf", new Hashtable(), out warnings);
}
