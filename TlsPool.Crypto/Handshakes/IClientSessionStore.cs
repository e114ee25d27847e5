namespace TlsPool.Crypto.Handshakes;

/// <summary>Sessions that clients may resume, bounded in number and age. Thread safe, never blocks.</summary>
public interface IClientSessionStore
{
    /// <summary>Keeps a session. The store owns it from now on.</summary>
    void Put(string scope, ClientSession session);

    /// <summary>Takes the newest session of a scope. A TLS 1.3 ticket leaves the store (single use, RFC 8446 appendix C.4).</summary>
    ClientSession? Take(string scope);
}
