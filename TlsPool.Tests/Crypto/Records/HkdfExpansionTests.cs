using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Records;

namespace TlsPool.Tests.Crypto.Records;

public sealed class HkdfExpansionTests
{
    /// <summary>RFC 5869, test case 1.</summary>
    [Test]
    public void The_published_vector_comes_out()
    {
        byte[] output = new byte[42];
        HkdfExpansion.Expand(
            HashAlgorithmName.SHA256,
            Convert.FromHexString("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"),
            Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"),
            output);
        Assert.That(Convert.ToHexStringLower(output), Is.EqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
    }

    [Test]
    public void Every_length_is_as_the_platform_has_it(
        [Values("SHA256", "SHA384", "SHA512")] string hash, [Values(0, 1, 12, 31, 32, 33, 48, 64, 65, 200)] int length, [Values(0, 1, 514)] int info)
    {
        var name = new HashAlgorithmName(hash);
        byte[] key = RandomNumberGenerator.GetBytes(64);
        byte[] context = RandomNumberGenerator.GetBytes(info);
        byte[] output = new byte[length];
        HkdfExpansion.Expand(name, key, context, output);
        Assert.That(output, Is.EqualTo(length == 0 ? [] : HKDF.Expand(name, key, length, context)));
    }
}
