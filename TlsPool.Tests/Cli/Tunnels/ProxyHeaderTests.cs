using System.Buffers.Binary;
using System.Net;
using System.Text;
using NUnit.Framework;
using TlsPool.Cli.Tunnels;

namespace TlsPool.Tests.Cli.Tunnels;

/// <summary>Against the text of proxy-protocol.txt, section 2.2.</summary>
[TestFixture]
public sealed class ProxyHeaderTests
{
    private static readonly ProxyTls Tls = new("server.example", "user@client.example", "TLSv1.3", "TLS_AES_128_GCM_SHA256", "X25519MLKEM768");

    [Test]
    public void Tells_addresses_of_IPv4()
    {
        byte[] header = ProxyHeader.Make(IPEndPoint.Parse("192.0.2.1:50000"), IPEndPoint.Parse("192.0.2.2:443"), "", null);
        Assert.That(Convert.ToHexStringLower(header), Is.EqualTo("0d0a0d0a000d0a515549540a" + "2111" + "000c" + "c0000201" + "c0000202" + "c350" + "01bb"));
    }

    [Test]
    public void Tells_addresses_of_IPv6()
    {
        byte[] header = ProxyHeader.Make(IPEndPoint.Parse("[2001:db8::1]:50000"), IPEndPoint.Parse("[2001:db8::2]:443"), "", null);
        Assert.That(
            Convert.ToHexStringLower(header),
            Is.EqualTo("0d0a0d0a000d0a515549540a" + "2121" + "0024" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "c350" + "01bb"));
    }

    [Test]
    public void IPv4_that_came_to_a_socket_for_both_is_IPv4()
    {
        byte[] header = ProxyHeader.Make(IPEndPoint.Parse("[::ffff:192.0.2.1]:50000"), IPEndPoint.Parse("[::ffff:192.0.2.2]:443"), "", null);
        Assert.That(header, Is.EqualTo(ProxyHeader.Make(IPEndPoint.Parse("192.0.2.1:50000"), IPEndPoint.Parse("192.0.2.2:443"), "", null)));
    }

    [Test]
    public void Tells_the_path_of_a_UNIX_socket()
    {
        byte[] header = ProxyHeader.Make(null, null, "/run/tunnel.sock", null);
        Assert.Multiple(() =>
        {
            Assert.That(header[12..16], Is.EqualTo(new byte[] { 0x21, 0x31, 0, 216 }));
            Assert.That(header[16..124], Is.All.Zero, "a client's end has no name");
            Assert.That(Encoding.ASCII.GetString(header[124..]).TrimEnd('\0'), Is.EqualTo("/run/tunnel.sock"));
            Assert.That(header, Has.Length.EqualTo(16 + 216));
        });
    }

    [TestCase("192.0.2.1:50000", "192.0.2.2:443", 12)]
    [TestCase("[2001:db8::1]:50000", "[2001:db8::2]:443", 36)]
    [TestCase("", "", 216)]
    public void Tells_what_TLS_has_shown(string from, string to, int addresses)
    {
        byte[] header = from.Length == 0 ? ProxyHeader.Make(null, null, "/x", Tls) : ProxyHeader.Make(IPEndPoint.Parse(from), IPEndPoint.Parse(to), "", Tls);
        Assert.That(BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(14)), Is.EqualTo(header.Length - 16));
        Dictionary<byte, byte[]> values = Values(header.AsSpan(16 + addresses));
        byte[] ssl = values[0x20];
        Dictionary<byte, byte[]> inside = Values(ssl.AsSpan(5));
        Assert.Multiple(() =>
        {
            Assert.That(values.Keys, Is.EquivalentTo(new byte[] { 0x02, 0x20 }));
            Assert.That(Encoding.UTF8.GetString(values[0x02]), Is.EqualTo("server.example"));
            Assert.That(ssl[..5], Is.EqualTo(new byte[] { 0x03, 0, 0, 0, 0 }), "TLS, with a certificate that was verified");
            Assert.That(Encoding.UTF8.GetString(inside[0x21]), Is.EqualTo("TLSv1.3"));
            Assert.That(Encoding.UTF8.GetString(inside[0x22]), Is.EqualTo("user@client.example"));
            Assert.That(Encoding.UTF8.GetString(inside[0x23]), Is.EqualTo("TLS_AES_128_GCM_SHA256"));
            Assert.That(Encoding.UTF8.GetString(inside[0x26]), Is.EqualTo("X25519MLKEM768"));
        });
    }

    [Test]
    public void A_client_without_a_certificate_is_not_verified()
    {
        byte[] header = ProxyHeader.Make(IPEndPoint.Parse("192.0.2.1:1"), IPEndPoint.Parse("192.0.2.2:2"), "", Tls with { RemoteId = "" });
        byte[] ssl = Values(header.AsSpan(28))[0x20];
        Assert.That(ssl[..5], Is.EqualTo(new byte[] { 0x01, 0, 0, 0, 1 }));
        Assert.That(Values(ssl.AsSpan(5)), Does.Not.ContainKey((byte)0x22));
    }

    [Test]
    public void Parameters_are_read_as_the_pool_tells_them()
    {
        Assert.That(
            ProxyTls.Read("server.example", "user@client.example", "TLS 1.3 TLS_AES_128_GCM_SHA256 X25519MLKEM768 resumed no"), Is.EqualTo(Tls));
        Assert.That(ProxyTls.Read("a", "b", "TLS"), Is.EqualTo(new ProxyTls("a", "b", "", "", "")), "a pool that does not tell");
    }

    private static Dictionary<byte, byte[]> Values(ReadOnlySpan<byte> bytes)
    {
        var values = new Dictionary<byte, byte[]>();
        while (bytes.Length > 0)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]);
            values.Add(bytes[0], bytes.Slice(3, length).ToArray());
            bytes = bytes[(3 + length)..];
        }
        return values;
    }
}
