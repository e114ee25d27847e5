using NUnit.Framework;
using TlsPool.Cli;
using TlsPool.Cli.Tunnels;

namespace TlsPool.Tests.Cli.Tunnels;

[TestFixture]
public sealed class TunnelAddressTests
{
    [TestCase("www.example.com:443", "www.example.com", 443)]
    [TestCase("127.0.0.1:80", "127.0.0.1", 80)]
    [TestCase("[2001:db8::1]:443", "2001:db8::1", 443)]
    [TestCase("8080", "", 8080)]
    [TestCase(":8080", "", 8080)]
    public void Hosts_and_ports_are_read(string text, string host, int port) =>
        Assert.That(TunnelAddress.Parse(text), Is.EqualTo(new TunnelAddress(host, port, null)));

    [Test]
    public void What_has_a_slash_is_a_path() =>
        Assert.That(TunnelAddress.Parse("./server.sock:1"), Is.EqualTo(new TunnelAddress(null, 0, "./server.sock:1")));

    [TestCase("")]
    [TestCase("www.example.com")]
    [TestCase("www.example.com:http")]
    [TestCase("www.example.com:65536")]
    [TestCase("www.example.com:-1")]
    [TestCase("2001:db8::1:443")]
    [TestCase("[127.0.0.1]:443")]
    [TestCase("[2001:db8::1]")]
    [TestCase("systemd")]
    public void Anything_else_is_refused_with_what_is_possible(string text) =>
        Assert.That(() => TunnelAddress.Parse(text), Throws.InstanceOf<CommandException>().With.Message.Contain("host:port"));

    [Test]
    public void Port_0_is_for_listening()
    {
        Assert.That(TunnelAddress.ParseListen("127.0.0.1:0").Port, Is.Zero);
        Assert.That(() => TunnelAddress.ParseConnect("127.0.0.1:0"), Throws.InstanceOf<CommandException>());
    }

    [Test]
    public void A_listening_path_cannot_name_identities() =>
        Assert.That(() => TunnelAddress.ParseListen("/run/%L"), Throws.InstanceOf<CommandException>());

    [TestCase("/run/%L/%R", true)]
    [TestCase("/run/%R.sock", true)]
    [TestCase("/run/100%%L", false)]
    [TestCase("/run/x", false)]
    public void Paths_that_name_identities_are_known(string path, bool names) =>
        Assert.That(TunnelAddress.Parse(path).NamesIdentities, Is.EqualTo(names));

    [TestCase("/run/%L/%R.sock", "/run/server.example/user@client.example.sock")]
    [TestCase("/run/%%L-%R", "/run/%L-user@client.example")]
    [TestCase("/run/%x%R", "/run/%xuser@client.example")]
    public void Identities_are_filled_in(string path, string filled) =>
        Assert.That(TunnelAddress.Parse(path).PathFor("server.example", "user@client.example"), Is.EqualTo(filled));

    [TestCase("../../etc/passwd")]
    [TestCase("..")]
    [TestCase(".")]
    [TestCase("/etc/passwd")]
    [TestCase("a/../b@client.example")]
    [TestCase("a\0b")]
    [TestCase("a\nb")]
    [TestCase("%L")]
    [TestCase("%2F")]
    [TestCase("")]
    public void An_identity_is_one_component_whatever_is_in_it(string identity)
    {
        string path = TunnelAddress.Parse("/run/users/%R").PathFor("local", identity);
        string component = path["/run/users/".Length..];
        Assert.Multiple(() =>
        {
            Assert.That(path, Does.StartWith("/run/users/"));
            Assert.That(component, Is.Not.Empty.And.Not.Contains("/").And.Not.StartsWith(".").And.Not.Contains("local"));
            Assert.That(component.Any(char.IsControl), Is.False);
            Assert.That(Path.GetFullPath(path), Is.EqualTo(path));
        });
    }

    // Whoever gets a certificate for one name must not reach the backend of another.
    [TestCase("a/b", "a_b")]
    [TestCase("a/b", "a%2Fb")]
    [TestCase("", "_")]
    [TestCase(".a", "_.a")]
    [TestCase(".a", "%2Ea")]
    [TestCase("a\u0001", "a\u0002")]
    public void Different_identities_have_different_paths(string one, string other)
    {
        TunnelAddress address = TunnelAddress.Parse("/run/%R");
        Assert.That(address.PathFor("", one), Is.Not.EqualTo(address.PathFor("", other)));
    }

    [Test]
    public void Letter_case_makes_no_difference_between_identities_and_none_between_their_paths() =>
        Assert.That(TunnelAddress.Parse("/run/%R").PathFor("", "User@Client.Example"), Is.EqualTo("/run/user@client.example"));

    [Test]
    public void An_identity_cannot_become_the_placeholder_of_the_other() =>
        Assert.That(TunnelAddress.Parse("/run/%%%L/%R").PathFor("R", "remote"), Is.EqualTo("/run/%r/remote"));
}
