using System.Collections;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using TlsPool.Actors.Configuration;

namespace TlsPool.Tests.Actors.Configuration;

public sealed class ConfigurationFileTests
{
    private string _directory = "";

    [SetUp]
    public void Make() => _directory = Directory.CreateTempSubdirectory("tlspool-conf-").FullName;

    [TearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void The_environment_names_a_file_and_the_command_line_another()
    {
        string one = Write("one", "log_level INFO", 0x180), other = Write("other", "log_level DEBUG", 0x180);
        var environment = new Hashtable { [ConfigurationReader.PathVariable] = one };
        Assert.That(ConfigurationReader.Load(null, environment, out _).LogLevel, Is.EqualTo(LogLevel.Information));
        Assert.That(ConfigurationReader.Load(other, environment, out _).LogLevel, Is.EqualTo(LogLevel.Debug));
    }

    [Test]
    public void A_named_file_has_to_be_there() => Assert.That(Refusal(Path.Combine(_directory, "none")), Does.Contain("/none: cannot be read"));

    [Test]
    public void A_directory_is_no_file() => Assert.That(Refusal(_directory), Does.StartWith($"{_directory}: cannot be read"));

    [Test]
    public void An_endless_file_is_refused() => Assert.That(Refusal("/dev/zero"), Does.Contain("larger than 1048576 bytes"));

    [TestCase("pkcs11_path /a.so\npkcs11_pin 1234", 0x1A4, "holds a PIN but others can read it: chmod o-r")]
    [TestCase("pkcs11_pin 1234", 0x1A4, "holds a PIN but others can read it: chmod o-r")]
    [TestCase("pkcs11_path /a.so\npkcs11_token pkcs11:token=x?pin-value=1234", 0x1A4, "holds a PIN but others can read it: chmod o-r")]
    [TestCase("log_level INFO", 0x1B6, "others can write it: chmod o-w")]
    public void A_file_that_is_too_open_is_refused(string content, int mode, string reason)
    {
        string refusal = Refusal(Write("open", content, mode));
        Assert.That(refusal, Does.Contain(reason).And.Not.Contains("1234"));
    }

    [TestCase("pkcs11_path /a.so\npkcs11_pin 1234", 0x1A0)]
    [TestCase("pkcs11_path /a.so\n#pkcs11_pin 1234", 0x1A4)]
    public void A_file_that_is_closed_or_has_no_PIN_is_taken(string content, int mode) =>
        Assert.That(ConfigurationReader.Load(Write("closed", content, mode), new Hashtable(), out _).Modules, Has.Length.EqualTo(1));

    [Test]
    public void A_PIN_of_the_environment_asks_nothing_of_the_file()
    {
        string file = Write("open", "pkcs11_path /a.so\n#pkcs11_pin 1234", 0x1A4);
        var environment = new Hashtable { ["TLSPOOL_PKCS11_PIN"] = "1" };
        Assert.That(ConfigurationReader.Load(file, environment, out _).Modules[0].Pin, Is.EqualTo("1"u8.ToArray()));
    }

    private static string Refusal(string file) =>
        Assert.Throws<ConfigurationException>(() => ConfigurationReader.Load(file, new Hashtable(), out _))!.Message;

    private string Write(string name, string content, int mode)
    {
        string file = Path.Combine(_directory, name);
        File.WriteAllText(file, content);
        File.SetUnixFileMode(file, (UnixFileMode)mode);
        return file;
    }
}
