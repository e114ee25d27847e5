using System.Text;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;

namespace TlsPool.Tests.Actors.Tokens;

/// <summary>A token that does what a test says, and counts logins.</summary>
internal sealed class ScriptedToken : IKeyToken
{
    private readonly Lock _lock = new();
    private readonly List<string> _pins = [];

    internal string RightPin { get; set; } = "1234";

    /// <summary>What a signature does; null signs.</summary>
    internal Func<SignatureRequest, byte[]>? OnSign { get; set; }

    /// <summary>What a login comes to; null compares the PIN.</summary>
    internal Func<string, LoginResult>? OnLogin { get; set; }

    /// <summary>Not null while the token is not there.</summary>
    internal string? Missing { get; set; }

    /// <summary>Every PIN that was tried, in order.</summary>
    internal IReadOnlyList<string> TriedPins
    {
        get
        {
            lock (_lock)
                return [.. _pins];
        }
    }

    public TokenDescription Description { get; } = new() { Label = "scripted", Manufacturer = "test", Model = "one", Serial = "1" };

    public TokenLogin Find() => Missing is { } reason
        ? throw new TokenException(TokenFault.Removed, reason)
        : new TokenLogin(PinNeeded: true, PinTries.Full);

    public LoginResult Login(ReadOnlySpan<byte> pin)
    {
        string text = Encoding.UTF8.GetString(pin);
        lock (_lock)
            _pins.Add(text);
        if (OnLogin is { } act)
            return act(text);
        return text == RightPin
            ? new LoginResult(LoginStatus.Ok, PinTries.Full, "logged in")
            : new LoginResult(LoginStatus.WrongPin, PinTries.Low, "the token refused the PIN");
    }

    public ITokenSession OpenSession() => new Session(this);

    public void Logout()
    {
    }

    public void Dispose()
    {
    }

    private sealed class Session(ScriptedToken token) : ITokenSession
    {
        public KeyDescription Describe(KeyReference key) => throw new NotSupportedException();

        public byte[] Sign(SignatureRequest request) => token.OnSign is { } act ? act(request) : [1, 2, 3];

        public KeyDescription Generate(KeyParameters parameters, string label) => throw new NotSupportedException();

        public IReadOnlyList<Pkcs11Uri> List() => throw new NotSupportedException();

        public void Remove(KeyReference key) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
