using NUnit.Framework;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Tests.Crypto.Tokens;

/// <summary>RFC 7512.</summary>
[Parallelizable(ParallelScope.All)]
public class Pkcs11UriTests
{
    private static readonly TokenDescription Token = new()
    {
        Label = "The Software PKCS#11 Softtoken",
        Manufacturer = "Snake Oil, Inc.",
        Model = "1.0",
        Serial = "42",
        SlotId = 327,
        SlotDescription = "Sun Metaslot",
        SlotManufacturer = "Sun",
        LibraryDescription = "Soft Token Library",
        LibraryManufacturer = "Snake Oil, Inc.",
        LibraryVersion = new Version(3, 0),
        ModulePath = "/usr/lib/libmypkcs11.so.1",
    };

    [Test]
    public void Every_attribute_is_read()
    {
        Pkcs11Uri uri = Pkcs11Uri.Parse(
            "pkcs11:token=a;manufacturer=b;serial=c;model=d;library-manufacturer=e;library-description=f;library-version=2.5;slot-id=7;"
            + "slot-manufacturer=g;slot-description=h;object=i;type=private;id=%01%ff?module-name=j&module-path=/k&pin-source=file:/l");

        Assert.Multiple(() =>
        {
            Assert.That(uri.Token, Is.EqualTo("a"));
            Assert.That(uri.Manufacturer, Is.EqualTo("b"));
            Assert.That(uri.Serial, Is.EqualTo("c"));
            Assert.That(uri.Model, Is.EqualTo("d"));
            Assert.That(uri.LibraryManufacturer, Is.EqualTo("e"));
            Assert.That(uri.LibraryDescription, Is.EqualTo("f"));
            Assert.That(uri.LibraryVersion, Is.EqualTo(new Version(2, 5)));
            Assert.That(uri.SlotId, Is.EqualTo(7));
            Assert.That(uri.SlotManufacturer, Is.EqualTo("g"));
            Assert.That(uri.SlotDescription, Is.EqualTo("h"));
            Assert.That(uri.Object, Is.EqualTo("i"));
            Assert.That(uri.Type, Is.EqualTo(Pkcs11ObjectType.PrivateKey));
            Assert.That(uri.Id!.Value.ToArray(), Is.EqualTo(new byte[] { 1, 255 }));
            Assert.That(uri.ModuleName, Is.EqualTo("j"));
            Assert.That(uri.ModulePath, Is.EqualTo("/k"));
            Assert.That(uri.PinSource, Is.EqualTo("file:/l"));
            Assert.That(uri.HasUnknownAttributes, Is.False);
        });
    }

    // The examples of RFC 7512 section 3.
    [TestCase("pkcs11:")]
    [TestCase("pkcs11:object=my-pubkey;type=public")]
    [TestCase("pkcs11:object=my-key;type=private?pin-source=file:/etc/token")]
    [TestCase("pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=?pin-source=file:/etc/token_pin")]
    [TestCase("pkcs11:object=my-sign-key;type=private?module-name=mypkcs11")]
    [TestCase("pkcs11:object=my-sign-key;type=private?module-path=/mnt/libmypkcs11.so.1")]
    [TestCase("pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?pin-value=the-pin")]
    [TestCase("pkcs11:slot-description=Sun%20Metaslot")]
    [TestCase("pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;slot-id=327")]
    [TestCase("pkcs11:token=My%20token%25%20created%20by%20Joe;library-version=3;id=%01%02%03%Ba%dd%Ca%fe%04%05%06")]
    [TestCase("pkcs11:token=A%20name%20with%20a%20substring%20%25%3B;object=my-certificate;type=cert")]
    [TestCase("pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;object=my-certificate;type=cert")]
    [TestCase("pkcs11:token=my-token;object=my-certificate;type=cert;vendor-aaa=value-a?pin-source=file:/etc/token_pin&vendor-bbb=value-b&vendor-bbb=value-c")]
    public void The_examples_of_the_standard_are_read(string text)
    {
        Pkcs11Uri uri = Pkcs11Uri.Parse(text);

        // What is written is read the same again; only the PIN is never written.
        Assert.That(Pkcs11Uri.Parse(uri.ToString()).ToString(), Is.EqualTo(uri.ToString()));
        Assert.That(uri.ToString(), Does.Not.Contain("the-pin"));
        Assert.That(uri.ToKeyReference().Uri, Does.Not.Contain("?"));
    }

    [TestCase("")]
    [TestCase("http:token=x")]
    [TestCase("pkcs11")]
    [TestCase("pkcs11:token")]
    [TestCase("pkcs11:=x")]
    [TestCase("pkcs11:token=a;")]
    [TestCase("pkcs11:;token=a")]
    [TestCase("pkcs11:token=a;token=b")]
    [TestCase("pkcs11:token=a;token=a")]
    [TestCase("pkcs11:token=%")]
    [TestCase("pkcs11:token=%2")]
    [TestCase("pkcs11:token=%zz")]
    [TestCase("pkcs11:token=%+1")]
    [TestCase("pkcs11:token=% 1")]
    [TestCase("pkcs11:token=%ff")]
    [TestCase("pkcs11:token=%c0%80")]
    [TestCase("pkcs11:token=a b")]
    [TestCase("pkcs11:token=ü")]
    [TestCase("pkcs11:token=a#fragment")]
    [TestCase("pkcs11:type=")]
    [TestCase("pkcs11:type=key")]
    [TestCase("pkcs11:slot-id=-1")]
    [TestCase("pkcs11:slot-id=0x1")]
    [TestCase("pkcs11:slot-id=99999999999999999999")]
    [TestCase("pkcs11:library-version=3.0.1")]
    [TestCase("pkcs11:library-version=256")]
    [TestCase("pkcs11:library-version=")]
    [TestCase("pkcs11:library-version=1.")]
    [TestCase("pkcs11:?pin-value=a&pin-source=b")]
    [TestCase("pkcs11:?pin-value=a&pin-value=b")]
    [TestCase("pkcs11:to%6ben=a")]
    public void What_is_no_URI_is_refused(string text) => Assert.Throws<FormatException>(() => Pkcs11Uri.Parse(text));

    [Test]
    public void A_PIN_shows_in_no_error_text()
    {
        var failure = Assert.Throws<FormatException>(() => Pkcs11Uri.Parse("pkcs11:token=x?pin-value=sec%ret&pin-value=secret"));

        Assert.That(failure!.Message, Does.Not.Contain("sec"));
        Assert.Throws<FormatException>(() => Pkcs11Uri.Parse("pkcs11:token=" + new string('x', Pkcs11Uri.MaxLength)));
    }

    [TestCase("signer")]
    [TestCase("a")]
    [TestCase("HSM-2")]
    [TestCase("0123456789-0123456789-0123456789")]
    public void The_role_of_the_nodes_that_have_the_token_is_kept_and_matches_nothing(string role)
    {
        Pkcs11Uri uri = Pkcs11Uri.Parse($"pkcs11:token=hsm;object=web?vendor-x=y&node-role={role}&module-name=softhsm2&pin-value=secret");

        Assert.Multiple(() =>
        {
            Assert.That(uri.NodeRole, Is.EqualTo(role));
            Assert.That(uri.ToString(), Is.EqualTo($"pkcs11:token=hsm;object=web?module-name=softhsm2&node-role={role}"));
            Assert.That(uri.ToKeyReference().Uri, Is.EqualTo($"pkcs11:token=hsm;object=web?node-role={role}"));
            Assert.That(Pkcs11Uri.Parse(uri.ToKeyReference().Uri).NodeRole, Is.EqualTo(role));
            Assert.That(Pkcs11Uri.Parse("pkcs11:token=hsm").NodeRole, Is.Null);
            Assert.That(Pkcs11Uri.Parse($"pkcs11:?node-role={role}").Matches(Token), Is.True);
            Assert.That(Pkcs11Uri.Parse($"pkcs11:?node-role={role}").Matches("key", [1, 2], Pkcs11ObjectType.PrivateKey), Is.True);
        });
    }

    [TestCase("")]
    [TestCase("a_b")]
    [TestCase("a.b")]
    [TestCase("a%20b")]
    [TestCase("a%00")]
    [TestCase("%c3%bc")]
    [TestCase("signer&node-role=signer")]
    [TestCase("0123456789-0123456789-0123456789-")]
    public void A_role_that_no_node_can_have_is_refused(string role) =>
        Assert.That(() => Pkcs11Uri.Parse("pkcs11:token=hsm?node-role=" + role), Throws.TypeOf<FormatException>().With.Message.Contains("node-role"));

    [TestCase("pkcs11:", true)]
    [TestCase("pkcs11:token=The%20Software%20PKCS%2311%20Softtoken", true)]
    [TestCase("pkcs11:token=the%20software%20pkcs%2311%20softtoken", false)]
    [TestCase("pkcs11:token=The%20Software", false)]
    [TestCase("pkcs11:token=", false)]
    [TestCase("pkcs11:manufacturer=Snake%20Oil,%20Inc.;model=1.0;serial=42", true)]
    [TestCase("pkcs11:serial=43", false)]
    [TestCase("pkcs11:model=2", false)]
    [TestCase("pkcs11:manufacturer=x", false)]
    [TestCase("pkcs11:slot-id=327;slot-description=Sun%20Metaslot;slot-manufacturer=Sun", true)]
    [TestCase("pkcs11:slot-id=328", false)]
    [TestCase("pkcs11:slot-description=x", false)]
    [TestCase("pkcs11:slot-manufacturer=x", false)]
    [TestCase("pkcs11:library-description=Soft%20Token%20Library;library-manufacturer=Snake%20Oil,%20Inc.;library-version=3", true)]
    [TestCase("pkcs11:library-version=3.0", true)]
    [TestCase("pkcs11:library-version=3.1", false)]
    [TestCase("pkcs11:library-description=x", false)]
    [TestCase("pkcs11:library-manufacturer=x", false)]
    [TestCase("pkcs11:vendor-x=y", false)]
    [TestCase("pkcs11:?vendor-x=y", true)]
    [TestCase("pkcs11:?module-path=/usr/lib/libmypkcs11.so.1", true)]
    [TestCase("pkcs11:?module-path=/usr/lib/other.so", false)]
    [TestCase("pkcs11:?module-name=other", false)]
    public void Tokens_are_found_by_every_attribute(string text, bool matches) => Assert.That(Pkcs11Uri.Parse(text).Matches(Token), Is.EqualTo(matches));

    [TestCase("/usr/lib/softhsm/libsofthsm2.so", "softhsm2", true)]
    [TestCase("/usr/lib/softhsm/libsofthsm2.so", "libsofthsm2", true)]
    [TestCase("/usr/lib/softhsm/libsofthsm2.so", "soft", false)]
    [TestCase("/usr/lib/p11-kit-client.so", "p11-kit-client", true)]
    public void Modules_are_found_by_name(string path, string name, bool matches) =>
        Assert.That(Pkcs11Uri.Parse("pkcs11:?module-name=" + name).Matches(Token with { ModulePath = path }), Is.EqualTo(matches));

    [TestCase("pkcs11:object=key", true)]
    [TestCase("pkcs11:object=key;id=%01%02;type=private", true)]
    [TestCase("pkcs11:id=%01", false)]
    [TestCase("pkcs11:object=Key", false)]
    [TestCase("pkcs11:type=public", false)]
    public void Objects_are_found_by_every_attribute(string text, bool matches) =>
        Assert.That(Pkcs11Uri.Parse(text).Matches("key", [1, 2], Pkcs11ObjectType.PrivateKey), Is.EqualTo(matches));
}
