using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Notes the keys of a run's ciphers, and makes the session's own record protection from the last ones.</summary>
internal sealed class CipherCapture
{
    private readonly HandshakeRun _run;
    private readonly EngineCrypto _crypto;
    private KeyBlock12? _block;
    private bool _loggedHandshake;

    internal CipherCapture(HandshakeRun run, EngineCrypto crypto)
    {
        (_run, _crypto) = (run, crypto);
        crypto.CipherMade = OnCipher;
    }

    internal RecordSealer Sealer(TlsContext context)
    {
        SecurityParameters security = context.SecurityParameters;
        bool server = context.IsServer;
        if (TlsUtilities.IsTlsV13(context))
            return With(server ? security.TrafficSecretServer : security.TrafficSecretClient, secret => RecordProtection.SealerForTls13(security.CipherSuite, secret));
        KeyBlock12 block = Block;
        return RecordProtection.SealerForTls12(
            security.CipherSuite, block.Key(server), block.Iv(server), block.Mac(server), security.IsEncryptThenMac, nextSequence: 1);
    }

    internal RecordOpener Opener(TlsContext context)
    {
        SecurityParameters security = context.SecurityParameters;
        bool client = !context.IsServer;
        if (TlsUtilities.IsTlsV13(context))
            return With(client ? security.TrafficSecretServer : security.TrafficSecretClient, secret => RecordProtection.OpenerForTls13(security.CipherSuite, secret));
        KeyBlock12 block = Block;
        return RecordProtection.OpenerForTls12(
            security.CipherSuite, block.Key(client), block.Iv(client), block.Mac(client), security.IsEncryptThenMac, nextSequence: 1);
    }

    private KeyBlock12 Block => _block ?? throw new TlsFatalAlert(AlertDescription.internal_error);

    private void OnCipher(TlsCryptoParameters parameters, HandshakeCipher? native)
    {
        SecurityParameters security = parameters.SecurityParameters;
        if (native is not null)
            _run.Own(native);
        if (!TlsUtilities.IsTlsV13(security.NegotiatedVersion))
        {
            _block = native?.KeyBlock ?? CbcBlock(parameters);
            _run.Own(_block);
            Log("CLIENT_RANDOM", security, security.MasterSecret);
            return;
        }
        if (!_loggedHandshake && _run.EarlyData is { } early)
            early.Cipher = native;
        string phase = _loggedHandshake ? "TRAFFIC_SECRET_0" : "HANDSHAKE_TRAFFIC_SECRET";
        _loggedHandshake = true;
        Log("CLIENT_" + phase, security, security.TrafficSecretClient);
        Log("SERVER_" + phase, security, security.TrafficSecretServer);
        if (phase == "TRAFFIC_SECRET_0")
            Log("EXPORTER_SECRET", security, security.ExporterMasterSecret);
    }

    private static KeyBlock12 CbcBlock(TlsCryptoParameters parameters)
    {
        CipherSuiteInfo suite = CipherSuiteInfo.For(parameters.SecurityParameters.CipherSuite);
        int macKey = suite.MacHash.Name switch { "SHA1" => 20, "SHA256" => 32, _ => 48 };
        return KeyBlock12.Derive(parameters, suite.KeySize, ivSize: 0, macKey);
    }

    private void Log(string label, SecurityParameters security, TlsSecret? secret)
    {
        if (secret is not null)
            _run.LogSecret(label, security.ClientRandom, () => _crypto.Copy(secret));
    }

    private T With<T>(TlsSecret secret, Func<byte[], T> make)
    {
        byte[] copy = _crypto.Copy(secret);
        T made = make(copy);
        CryptographicOperations.ZeroMemory(copy);
        return made;
    }
}
