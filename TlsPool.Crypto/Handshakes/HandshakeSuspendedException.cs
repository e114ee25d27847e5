namespace TlsPool.Crypto.Handshakes;

/// <summary>Unwinds a run whose question has to wait. Never leaves the engine.</summary>
internal sealed class HandshakeSuspendedException : Exception;
