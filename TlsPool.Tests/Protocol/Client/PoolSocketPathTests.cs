using NUnit.Framework;
using TlsPool.Protocol.Client;

namespace TlsPool.Tests.Protocol.Client;

[TestFixture]
public sealed class PoolSocketPathTests
{
    private string _file = "";

    [SetUp]
    public void Name() => _file = Path.Combine(Path.GetTempPath(), $"tlspool-{Guid.NewGuid():n}.conf");

    [TearDown]
    public void Remove() => File.Delete(_file);

    [Test]
    public void Explicit_path_wins()
    {
        File.WriteAllText(_file, "socket_name /run/a.sock\n");
        Assert.That(PoolSocketPath.Resolve("/tmp/mine.sock", _file, _file), Is.EqualTo("/tmp/mine.sock"));
    }

    [TestCase("socket_name /run/a.sock\n", "/run/a.sock")]
    [TestCase("# socket_name /run/no.sock\nsocket_name /run/a.sock", "/run/a.sock")]
    [TestCase("daemon_user tls\n\nsocket_name /run/with blank.sock\nsocket_name /run/second.sock\n", "/run/with blank.sock")]
    [TestCase(" socket_name /run/a.sock\n", PoolSocketPath.Default)]
    [TestCase("socket_names /run/a.sock\n", PoolSocketPath.Default)]
    [TestCase("socket_name\n", PoolSocketPath.Default)]
    [TestCase("", PoolSocketPath.Default)]
    public void Named_configuration_file_is_read(string content, string expected)
    {
        File.WriteAllText(_file, content);
        Assert.Multiple(() =>
        {
            Assert.That(PoolSocketPath.Resolve(null, _file, "/nonexistent"), Is.EqualTo(expected));
            Assert.That(PoolSocketPath.Resolve(null, null, _file), Is.EqualTo(expected));
        });
    }

    [Test]
    public void Line_that_is_too_long_is_no_line()
    {
        File.WriteAllText(_file, $"socket_name /{new string('a', 600)}\nsocket_name /run/a.sock\n");
        Assert.That(PoolSocketPath.Resolve(null, _file, "/nonexistent"), Is.EqualTo("/run/a.sock"));
    }

    [Test]
    public void Without_a_configuration_file_the_default_is_used() =>
        Assert.That(PoolSocketPath.Resolve(null, null, _file), Is.EqualTo(PoolSocketPath.Default));

    [Test]
    public void Variable_that_names_an_absent_file_is_an_error_that_says_so() =>
        Assert.That(
            () => PoolSocketPath.Resolve(null, _file, "/nonexistent"),
            Throws.InstanceOf<IOException>().With.Message.Contains(_file).And.Message.Contains("TLSPOOL_CONFIG_FILE"));
}
