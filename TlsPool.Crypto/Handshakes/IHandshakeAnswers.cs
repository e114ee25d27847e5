namespace TlsPool.Crypto.Handshakes;

/// <summary>Answers questions that need no waiting.</summary>
public interface IHandshakeAnswers
{
    /// <summary>Answers on the caller's thread without blocking, or says null: then the handshake is suspended and the question goes to the session.</summary>
    HandshakeAnswer? TryAnswer(HandshakeQuestion question);
}
