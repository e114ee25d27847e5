using System.Security.Cryptography;
using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>Saves what exporters and channel bindings will need; BouncyCastle only gives it while the handshake completes.</summary>
internal static class SecretsFactory
{
    /// <param name="crypto">The run's primitives.</param>
    /// <param name="context">The completing handshake.</param>
    /// <param name="serverCertificate">The server's DER certificate, or empty if it showed none.</param>
    internal static SessionSecrets Make(EngineCrypto crypto, TlsContext context, ReadOnlyMemory<byte> serverCertificate)
    {
        SecurityParameters security = context.SecurityParameters;
        HashAlgorithmName hash = CipherSuiteInfo.For(security.CipherSuite).Hash;
        if (TlsUtilities.IsTlsV13(context))
            return new SessionSecrets13(hash, crypto.Copy(security.ExporterMasterSecret), serverCertificate);
        bool server = context.IsServer;
        return new SessionSecrets12(
            hash,
            security.IsExtendedMasterSecret,
            crypto.Copy(security.MasterSecret),
            security.ClientRandom,
            security.ServerRandom,
            security.TlsUnique,
            clientVerifyData: server ? security.PeerVerifyData : security.LocalVerifyData,
            serverVerifyData: server ? security.LocalVerifyData : security.PeerVerifyData,
            serverCertificate);
    }
}
