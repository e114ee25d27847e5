using System.Collections.Concurrent;
using System.Security.Cryptography;
using NUnit.Framework;
using Org.BouncyCastle.Asn1.Pkcs;
using Org.BouncyCastle.Security;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Tests.Crypto.Tokens;

/// <summary>Keys of the pool's own, and rows of its database that somebody damaged.</summary>
[Parallelizable(ParallelScope.All)]
public class BuiltInKeyStoreTests
{
    private string _directory = "";

    [OneTimeSetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("tlspool-keys-").FullName;

    [OneTimeTearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    private string NewFile() => Path.Combine(_directory, Path.GetRandomFileName());

    private Passphrase Passphrase(string text)
    {
        string file = NewFile();
        File.WriteAllText(file, text + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return TlsPool.Crypto.Tokens.Passphrase.LoadOrCreate(file);
    }

    private BuiltInKeyStore Store(Rows rows, string passphrase = "correct horse") => new(rows, Passphrase(passphrase));

    private static TokenFault FaultOf(Action action) => Assert.Throws<TokenException>(action)!.Fault;

    [Test]
    public void Every_kind_of_key_signs_every_scheme_it_names([ValueSource(typeof(KeyParameters), nameof(KeyParameters.Names))] string kind)
    {
        using BuiltInKeyStore store = Store(new Rows());
        KeyDescription made = store.Generate(KeyParameters.Parse(kind), "key");
        ISigningKey key = store.Open(made.Key);
        byte[] content = "what a handshake signs"u8.ToArray();

        Assert.That(made.SignatureSchemes, Is.Not.Empty);
        foreach (int scheme in made.SignatureSchemes)
            Assert.That(Signatures.Verify(made.SubjectPublicKeyInfo, scheme, content, key.Sign(scheme, content)), Is.True, $"{scheme:x4}");
        Assert.That(FaultOf(() => key.Sign(0x0203, content)), Is.EqualTo(TokenFault.MechanismMissing));
    }

    [Test]
    public void A_key_is_there_once_it_was_opened_and_gone_once_it_was_removed()
    {
        using BuiltInKeyStore store = Store(new Rows());
        KeyReference key = store.Generate(KeyParameters.Default, "key").Key;
        Assert.That(store.TryGet(key), Is.Null);
        ISigningKey open = store.Open(key);
        Assert.That(store.TryGet(key), Is.SameAs(open));
        Assert.That(store.Open(key), Is.SameAs(open));
        Assert.That(store.Remove(key), Is.True);
        Assert.That(store.Remove(key), Is.False);
        Assert.That(store.TryGet(key), Is.Null);
        Assert.That(FaultOf(() => store.Open(key)), Is.EqualTo(TokenFault.KeyNotFound));
        Assert.That(FaultOf(() => store.Describe(new KeyReference("pkcs11:token=x"))), Is.EqualTo(TokenFault.KeyNotFound));
    }

    [Test]
    public void What_another_process_removed_or_replaced_is_forgotten()
    {
        var rows = new Rows();
        using BuiltInKeyStore store = Store(rows), other = Store(rows);
        KeyReference kept = store.Generate(KeyParameters.Default, "kept").Key;
        KeyReference removed = store.Generate(KeyParameters.Default, "removed").Key;
        KeyReference replaced = store.Generate(KeyParameters.Default, "replaced").Key;
        foreach (KeyReference key in new[] { kept, removed, replaced })
            store.Open(key);
        other.Remove(removed);
        other.Remove(replaced);
        KeyDescription next = other.Generate(KeyParameters.Default, "replaced");
        store.Refresh();

        Assert.That(store.TryGet(kept), Is.Not.Null);
        Assert.That(store.TryGet(removed), Is.Null);
        Assert.That(store.TryGet(replaced), Is.Null);
        Assert.That(store.Open(replaced).Description.SubjectPublicKeyInfo.ToArray(), Is.EqualTo(next.SubjectPublicKeyInfo.ToArray()));
    }

    [Test]
    public void Names_are_taken_once_and_are_names()
    {
        using BuiltInKeyStore store = Store(new Rows());
        store.Generate(KeyParameters.Default, "key");

        Assert.That(FaultOf(() => store.Generate(KeyParameters.Default, "key")), Is.EqualTo(TokenFault.Failed));
        foreach (string name in new[] { "", "two words", "line\nbreak", new string('x', 201) })
            Assert.That(FaultOf(() => store.Generate(KeyParameters.Default, name)), Is.EqualTo(TokenFault.Failed));
    }

    [Test]
    public void A_key_from_elsewhere_is_cleared_and_one_of_no_use_is_refused()
    {
        using BuiltInKeyStore store = Store(new Rows());
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var brainpool = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        using var small = RSA.Create(1024);
        byte[] pkcs8 = ecdsa.ExportPkcs8PrivateKey();
        store.Import(pkcs8, "key");

        Assert.That(pkcs8, Is.All.Zero);
        Assert.That(FaultOf(() => store.Import(brainpool.ExportPkcs8PrivateKey(), "curve")), Is.EqualTo(TokenFault.Failed));
        Assert.That(FaultOf(() => store.Import(small.ExportPkcs8PrivateKey(), "small")), Is.EqualTo(TokenFault.Failed));
        Assert.That(FaultOf(() => store.Import([1, 2, 3], "garbage")), Is.EqualTo(TokenFault.Failed));
        Assert.That(FaultOf(() => store.Import([], "nothing")), Is.EqualTo(TokenFault.Failed));
        Assert.That(store.List(), Is.EqualTo(new[] { "key" }));
    }

    [Test]
    public void Another_passphrase_opens_nothing_and_shows_nowhere()
    {
        var rows = new Rows();
        using BuiltInKeyStore right = Store(rows), wrong = Store(rows, "battery staple");
        KeyReference key = right.Generate(KeyParameters.Default, "key").Key;
        var failure = Assert.Throws<TokenException>(() => wrong.Open(key));

        Assert.That(failure!.Fault, Is.EqualTo(TokenFault.WrongPin));
        Assert.That(failure.ToString(), Does.Not.Contain("battery").And.Not.Contains("horse"));
        Assert.That(right.Open(key), Is.Not.Null);
    }

    [Test]
    public void Keys_are_kept_under_a_costly_derivation()
    {
        var rows = new Rows();
        using BuiltInKeyStore store = Store(rows);
        store.Generate(KeyParameters.Default, "key");
        var info = EncryptedPrivateKeyInfo.GetInstance(rows.Get("key")!.EncryptedPrivateKeyInfo.ToArray());
        var derivation = Pbkdf2Params.GetInstance(PbeS2Parameters.GetInstance(info.EncryptionAlgorithm.Parameters).KeyDerivationFunc.Parameters);

        Assert.That(derivation.IterationCount.IntValue, Is.GreaterThanOrEqualTo(100_000));
        Assert.That(derivation.Salt.GetOctets(), Has.Length.GreaterThanOrEqualTo(16));
        Assert.That(derivation.Prf.Algorithm, Is.EqualTo(PkcsObjectIdentifiers.IdHmacWithSha256));
    }

    [Test]
    public void Damaged_rows_open_nothing()
    {
        var rows = new Rows();
        using BuiltInKeyStore store = Store(rows);
        store.Generate(KeyParameters.Default, "key");
        EncryptedKey good = rows.Get("key")!;
        // Behind the first hundred bytes is ciphertext, where one damage is like the other.
        for (int at = 0; at < 100; at += 4)
        {
            byte[] damaged = good.EncryptedPrivateKeyInfo.ToArray();
            damaged[at] ^= 0x15;
            rows.Replace(good with { EncryptedPrivateKeyInfo = damaged });
            Assert.Throws<TokenException>(() => store.Open(new KeyReference("builtin:key")), $"byte {at}");
        }
        foreach (byte[] nothing in new byte[][] { [], [0x30, 0], good.EncryptedPrivateKeyInfo[..40].ToArray() })
        {
            rows.Replace(good with { EncryptedPrivateKeyInfo = nothing });
            Assert.Throws<TokenException>(() => store.Open(new KeyReference("builtin:key")));
        }
    }

    [Test]
    public void A_row_cannot_keep_the_processor_busy()
    {
        var rows = new Rows();
        using BuiltInKeyStore store = Store(rows);
        store.Generate(KeyParameters.Default, "key");
        EncryptedKey good = rows.Get("key")!;
        // 100000 in DER, and as many bytes for much more.
        byte[] costly = good.EncryptedPrivateKeyInfo.ToArray();
        int at = costly.AsSpan().IndexOf<byte>([0x02, 0x03, 0x01, 0x86, 0xa0]);
        Assert.That(at, Is.Positive);
        costly[at + 2] = 0x7f;
        rows.Replace(good with { EncryptedPrivateKeyInfo = costly });
        // 8 million are still taken; a longer number is not.
        byte[] endless = [.. costly[..(at + 1)], 0x04, 0x7f, 0xff, 0xff, 0xff, .. costly[(at + 5)..]];
        foreach (int length in Lengths(endless, at))
            endless[length]++;
        rows.Replace(good with { EncryptedPrivateKeyInfo = endless });

        Assert.That(FaultOf(() => store.Open(new KeyReference("builtin:key"))), Is.EqualTo(TokenFault.WrongPin));
    }

    [Test]
    public void Halves_that_do_not_belong_together_are_noticed()
    {
        var rows = new Rows();
        using BuiltInKeyStore store = Store(rows);
        store.Generate(KeyParameters.Default, "key");
        store.Generate(KeyParameters.Default, "other");
        store.Generate(KeyParameters.Parse("rsa-2048"), "rsa");
        foreach (string other in new[] { "other", "rsa" })
        {
            rows.Replace(rows.Get("key")! with { SubjectPublicKeyInfo = rows.Get(other)!.SubjectPublicKeyInfo });
            Assert.That(FaultOf(() => store.Open(new KeyReference("builtin:key"))), Is.EqualTo(TokenFault.Failed));
        }
    }

    [Test]
    public void A_passphrase_is_made_once_for_its_owner_only()
    {
        string file = NewFile();
        using (TlsPool.Crypto.Tokens.Passphrase.LoadOrCreate(file))
        {
            Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        }
        string content = File.ReadAllText(file);
        Assert.That(content.Trim(), Has.Length.GreaterThanOrEqualTo(43));
        using (TlsPool.Crypto.Tokens.Passphrase.LoadOrCreate(file))
            Assert.That(File.ReadAllText(file), Is.EqualTo(content));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.That(FaultOf(() => TlsPool.Crypto.Tokens.Passphrase.LoadOrCreate(file)), Is.EqualTo(TokenFault.Failed));
        Assert.That(FaultOf(() => TlsPool.Crypto.Tokens.Passphrase.LoadOrCreate("/nowhere/at/all")), Is.EqualTo(TokenFault.Failed));
        Assert.That(FaultOf(() => Passphrase("")), Is.EqualTo(TokenFault.Failed));
    }

    [Test]
    public void Many_threads_sign_at_once()
    {
        using BuiltInKeyStore store = Store(new Rows());
        KeyDescription made = store.Generate(KeyParameters.Default, "key");
        ISigningKey key = store.Open(made.Key);
        byte[] content = [1, 2, 3];

        Parallel.For(0, 200, _ => Assert.That(Signatures.Verify(made.SubjectPublicKeyInfo, 0x0403, content, key.Sign(0x0403, content)), Is.True));
    }

    /// <summary>Places of the lengths of the SEQUENCEs around a place.</summary>
    private static IEnumerable<int> Lengths(byte[] der, int at)
    {
        for (int i = 0; i < at;)
        {
            bool isLong = (der[i + 1] & 0x80) != 0;
            int header = isLong ? 2 + (der[i + 1] & 0x7f) : 2;
            int length = isLong ? der[i + 2] : der[i + 1];
            if (isLong && header == 4)
                length = (der[i + 2] << 8) | der[i + 3];
            if (at < i + header + length)
            {
                yield return i + header - 1;
                i += header;
            }
            else
            {
                i += header + length;
            }
        }
    }

    private sealed class Rows : IEncryptedKeyRepository
    {
        private readonly ConcurrentDictionary<string, EncryptedKey> _rows = new();

        public bool TryAdd(EncryptedKey key) => _rows.TryAdd(key.Name, key);

        public EncryptedKey? Get(string name) => _rows.GetValueOrDefault(name);

        public IReadOnlyList<string> List() => [.. _rows.Keys];

        public bool Remove(string name) => _rows.TryRemove(name, out _);

        internal void Replace(EncryptedKey key) => _rows[key.Name] = key;
    }
}
