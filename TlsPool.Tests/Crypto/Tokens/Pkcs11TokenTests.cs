using NUnit.Framework;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Crypto.Tokens.Pkcs11;
using TlsPool.Tests.Interop;

namespace TlsPool.Tests.Crypto.Tokens;

/// <summary>
/// Tokens by their own interface: SoftHSM in another process, so that it can go away and its PIN tries are its own. Ed25519 does not pass
/// p11-kit's protocol; it is tested with SoftHSM itself.
/// </summary>
[NonParallelizable]
public class Pkcs11TokenTests
{
    private SoftHsm _hsm = null!;
    private Pkcs11Module _module = null!;

    [OneTimeSetUp]
    public async Task Load()
    {
        _hsm = await SoftHsm.MakeAsync();
        // The module reads its environment in C, where .NET's copy does not show.
        CEnvironment.Set("P11_KIT_SERVER_ADDRESS", _hsm.Address);
        _module = Pkcs11Module.Load(SoftHsm.Remote);
    }

    [OneTimeTearDown]
    public async Task Unload()
    {
        _module.Dispose();
        await _hsm.DisposeAsync();
    }

    private IKeyToken Token(string uri = "pkcs11:token=pool") => _module.Token(Pkcs11Uri.Parse(uri));

    private IKeyToken LoggedIn()
    {
        IKeyToken token = Token();
        token.Find();
        Assert.That(token.Login(System.Text.Encoding.UTF8.GetBytes(SoftHsm.Pin)).Status, Is.EqualTo(LoginStatus.Ok));
        return token;
    }

    private static TokenFault FaultOf(Action action) => Assert.Throws<TokenException>(action)!.Fault;

    [Test]
    public void A_token_says_what_it_is_and_what_it_wants()
    {
        using IKeyToken token = Token();
        TokenLogin wants = token.Find();

        Assert.That(wants, Is.EqualTo(new TokenLogin(PinNeeded: true, PinTries.Full)));
        Assert.That(token.Description.Label, Is.EqualTo("pool"));
        Assert.That(token.Description.Model, Does.StartWith("SoftHSM"));
        Assert.That(token.Description.Serial, Is.Not.Empty);
        Assert.That(_module.Tokens().Select(one => one.Label), Does.Contain("pool"));
        Assert.That(token.Description.ToUri().Matches(token.Description));
    }

    [Test]
    public void A_token_that_is_not_there_is_named_with_those_that_are()
    {
        using IKeyToken token = Token("pkcs11:token=elsewhere");
        var failure = Assert.Throws<TokenException>(() => token.Find());

        Assert.That(failure!.Fault, Is.EqualTo(TokenFault.Removed));
        Assert.That(failure.Message, Does.Contain("token=elsewhere").And.Contains("token=pool"));
        Assert.That(FaultOf(() => Pkcs11Module.Load("/nowhere.so")), Is.EqualTo(TokenFault.Removed));
        Assert.That(FaultOf(() => Pkcs11Module.Load("/usr/lib/x86_64-linux-gnu/libc.so.6")), Is.EqualTo(TokenFault.Removed));
    }

    [TestCase("p-256")]
    [TestCase("p-384")]
    [TestCase("p-521")]
    [TestCase("rsa-2048")]
    public void A_key_is_made_in_the_token_and_signs_every_scheme_it_names(string kind)
    {
        using IKeyToken token = LoggedIn();
        using ITokenSession session = token.OpenSession();
        KeyDescription key = session.Generate(KeyParameters.Parse(kind), "made " + kind);
        byte[] content = "what a handshake signs"u8.ToArray();

        Assert.That(key.SubjectPublicKeyInfo.Length, Is.Positive);
        Assert.That(key.SignatureSchemes, Is.Not.Empty);
        foreach (int scheme in key.SignatureSchemes)
            Assert.That(Signatures.Verify(key.SubjectPublicKeyInfo, scheme, content, session.Sign(new SignatureRequest(key.Key, scheme, content))), Is.True, $"{scheme:x4}");
        Assert.That(FaultOf(() => session.Sign(new SignatureRequest(key.Key, 0x0203, content))), Is.EqualTo(TokenFault.MechanismMissing));
        Assert.That(FaultOf(() => session.Generate(KeyParameters.Parse(kind), "made " + kind)), Is.EqualTo(TokenFault.Failed));
    }

    [Test]
    public void Keys_of_ml_dsa_cannot_be_made_here()
    {
        using IKeyToken token = LoggedIn();
        using ITokenSession session = token.OpenSession();

        Assert.That(FaultOf(() => session.Generate(KeyParameters.Parse("ml-dsa-65"), "quantum")), Is.EqualTo(TokenFault.MechanismMissing));
    }

    [Test]
    public async Task Keys_are_found_by_label_and_id_and_not_where_several_fit()
    {
        await _hsm.ToolAsync("--keypairgen", "--key-type", "EC:prime256v1", "--id", "a1", "--label", "twin");
        await _hsm.ToolAsync("--keypairgen", "--key-type", "EC:prime256v1", "--id", "a2", "--label", "twin");
        await _hsm.PullOutAsync();
        await _hsm.PlugInAsync();
        using IKeyToken token = LoggedIn();
        using ITokenSession session = token.OpenSession();

        Assert.That(session.Describe(new KeyReference("pkcs11:token=pool;id=%a1")).Algorithm, Is.EqualTo(KeyAlgorithm.EcdsaP256));
        Assert.That(session.Describe(new KeyReference("pkcs11:object=twin;id=%a2;type=private")).Algorithm, Is.EqualTo(KeyAlgorithm.EcdsaP256));
        Assert.That(FaultOf(() => session.Describe(new KeyReference("pkcs11:object=twin"))), Is.EqualTo(TokenFault.KeyAmbiguous));
        Assert.That(FaultOf(() => session.Describe(new KeyReference("pkcs11:object=twin;id=%a3"))), Is.EqualTo(TokenFault.KeyNotFound));
        Assert.That(FaultOf(() => session.Describe(new KeyReference("pkcs11:id=%a1;type=public"))), Is.EqualTo(TokenFault.KeyNotFound));
        Assert.That(FaultOf(() => session.Describe(new KeyReference("pkcs11:token=other;id=%a1"))), Is.EqualTo(TokenFault.KeyNotFound));
        Assert.That(FaultOf(() => session.Describe(new KeyReference("builtin:x"))), Is.EqualTo(TokenFault.KeyNotFound));
    }

    [Test]
    public void Without_login_nothing_signs()
    {
        using IKeyToken token = Token();
        token.Find();
        using ITokenSession session = token.OpenSession();

        Assert.That(FaultOf(() => session.Describe(new KeyReference("pkcs11:token=pool;object=whatever"))), Is.EqualTo(TokenFault.KeyNotFound).Or.EqualTo(TokenFault.NotLoggedIn));
    }

    [Test]
    public void A_wrong_PIN_is_told_from_other_trouble_and_shows_nowhere()
    {
        using IKeyToken token = Token();
        token.Find();
        LoginResult result = token.Login("wrong-pin"u8);

        Assert.That(result.Status, Is.EqualTo(LoginStatus.WrongPin));
        Assert.That(result.Text, Does.Not.Contain("wrong-pin"));
        Assert.That(token.Login("correct-pin"u8).Status, Is.EqualTo(LoginStatus.Ok));
        Assert.That(token.Login("correct-pin"u8).Status, Is.EqualTo(LoginStatus.Ok), "already logged in");
    }

    [Test]
    public async Task A_token_that_was_pulled_out_is_found_again()
    {
        using IKeyToken token = LoggedIn();
        using ITokenSession session = token.OpenSession();
        KeyDescription key = session.Generate(KeyParameters.Default, "survivor");
        await _hsm.PullOutAsync();

        Assert.That(FaultOf(() => session.Sign(new SignatureRequest(key.Key, 0x0403, new byte[1]))), Is.EqualTo(TokenFault.Removed).Or.EqualTo(TokenFault.SessionLost));
        Assert.That(FaultOf(() => token.Find()), Is.EqualTo(TokenFault.Removed));
        Assert.That(token.Login("correct-pin"u8).Status, Is.EqualTo(LoginStatus.Removed));

        await _hsm.PlugInAsync();
        token.Find();
        Assert.That(token.Login("correct-pin"u8).Status, Is.EqualTo(LoginStatus.Ok));
        // The old session is dead for good, a new one works.
        Assert.That(FaultOf(() => session.Sign(new SignatureRequest(key.Key, 0x0403, new byte[1]))), Is.EqualTo(TokenFault.SessionLost));
        using ITokenSession next = token.OpenSession();
        byte[] content = [1, 2, 3];
        Assert.That(Signatures.Verify(key.SubjectPublicKeyInfo, 0x0403, content, next.Sign(new SignatureRequest(key.Key, 0x0403, content))), Is.True);
    }

    [Test]
    public void Sessions_that_were_closed_behind_their_back_are_noticed()
    {
        using IKeyToken token = LoggedIn();
        using ITokenSession session = token.OpenSession();
        KeyDescription key = session.Generate(KeyParameters.Default, "closed");
        // Another user of the module in this process does what it likes.
        token.Logout();

        TokenFault fault = FaultOf(() => session.Sign(new SignatureRequest(key.Key, 0x0403, new byte[1])));
        Assert.That(fault, Is.EqualTo(TokenFault.SessionLost).Or.EqualTo(TokenFault.NotLoggedIn).Or.EqualTo(TokenFault.Removed));
    }
}
