namespace TlsPool.Crypto.Tokens;

/// <summary>A token did not do what it was asked for. The message says what to do and has no secret in it.</summary>
public sealed class TokenException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TokenException(TokenFault fault, string message) : base(message) => Fault = fault;

    /// <summary>Creates the exception, with the exception behind it.</summary>
    public TokenException(TokenFault fault, string message, Exception inner) : base(message, inner) => Fault = fault;

    /// <summary>What happened.</summary>
    public TokenFault Fault { get; }
}
