using System.Security.Cryptography;
using NUnit.Framework;
using TlsPool.Crypto.Interop;

namespace TlsPool.Tests.Crypto.Interop;

public sealed class NativeHmacTests
{
    [Test]
    public void Every_key_and_length_is_as_the_platform_has_it(
        [Values("SHA256", "SHA384", "SHA512")] string hash,
        [Values(0, 1, 32, 48, 63, 64, 65, 128, 129, 300)] int key,
        [Values(0, 1, 55, 56, 64, 119, 128, 1000)] int data)
    {
        var name = new HashAlgorithmName(hash);
        byte[] secret = RandomNumberGenerator.GetBytes(key);
        byte[] content = RandomNumberGenerator.GetBytes(data);
        byte[] destination = new byte[64];
        int size = NativeHmac.Compute(name, secret, content, destination);
        Assert.That(destination[..size], Is.EqualTo(CryptographicOperations.HmacData(name, secret, content)));
    }
}
