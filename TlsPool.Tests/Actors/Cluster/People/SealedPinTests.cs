using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Actors.Cluster.People;
using TlsPool.Protocol.Transport;

namespace TlsPool.Tests.Actors.Cluster.People;

/// <summary>PINs on their way between nodes.</summary>
[Parallelizable]
public sealed class SealedPinTests
{
    private static readonly PinContext Context = new("node1.example.com", "node2.example.com", "one", new PeerCredentials(42, 1000, 100));

    [TestCase("1")]
    [TestCase("7391-secret-of-one")]
    public void A_PIN_opens_as_it_was_and_its_length_does_not_show(string pin)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(pin);
        using ECDiffieHellman key = SealedPin.NewKey();
        byte[] sealedPin = SealedPin.Seal(bytes, SealedPin.PublicOf(key), Context);
        Assert.That(sealedPin, Has.Length.EqualTo(SealedPin.Size));
        Assert.That(sealedPin.AsSpan().IndexOf(bytes.Length > 4 ? bytes : "7391-"u8), Is.EqualTo(-1));
        Assert.That(SealedPin.TryOpen(sealedPin, key, Context), Is.EqualTo(bytes));
    }

    [Test]
    public void A_PIN_for_another_token_node_person_or_key_does_not_open()
    {
        using ECDiffieHellman key = SealedPin.NewKey(), other = SealedPin.NewKey();
        byte[] sealedPin = SealedPin.Seal("1234"u8, SealedPin.PublicOf(key), Context);
        PinContext[] wrong =
        [
            Context with { TokenNode = "node3.example.com" },
            Context with { ProgramNode = "node3.example.com" },
            Context with { Label = "two" },
            Context with { By = new PeerCredentials(42, 0, 100) },
        ];
        Assert.That(wrong.Select(context => SealedPin.TryOpen(sealedPin, key, context)), Is.All.Null);
        Assert.That(SealedPin.TryOpen(sealedPin, other, Context), Is.Null);
        Assert.That(SealedPin.TryOpen(sealedPin.AsSpan(1), key, Context), Is.Null);
    }

    [Test]
    public void Bytes_that_were_changed_anywhere_do_not_open()
    {
        using ECDiffieHellman key = SealedPin.NewKey();
        byte[] sealedPin = SealedPin.Seal("1234"u8, SealedPin.PublicOf(key), Context);
        for (int i = 0; i < sealedPin.Length; i++)
        {
            sealedPin[i] ^= 1;
            Assert.That(SealedPin.TryOpen(sealedPin, key, Context), Is.Null, $"byte {i}");
            sealedPin[i] ^= 1;
        }
        Assert.That(SealedPin.TryOpen(sealedPin, key, Context), Is.Not.Null);
    }

    [Test]
    public void A_point_that_is_not_on_the_curve_is_no_key()
    {
        Assert.That(() => SealedPin.Seal("1234"u8, new byte[SealedPin.PublicSize], Context), Throws.InstanceOf<CryptographicException>());
        Assert.That(() => SealedPin.Seal("1234"u8, new byte[5], Context), Throws.InstanceOf<CryptographicException>());
        Assert.That(() => SealedPin.Seal(new byte[128], new byte[SealedPin.PublicSize], Context), Throws.InstanceOf<CryptographicException>());
    }
}
