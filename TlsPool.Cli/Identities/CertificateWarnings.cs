using TlsPool.Actors.Storage;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Identities;

/// <summary>Why peers will refuse a certificate that the pool takes all the same.</summary>
internal static class CertificateWarnings
{
    internal static IEnumerable<string> For(CertificateFacts facts, DoNai name, IdentityRoles roles, DateTimeOffset now)
    {
        if (NameMatcher.Match(facts, name.ToString(), domainRepresentsUser: true, commonName: true) is null)
            yield return $"the certificate does not name {name}, so peers will refuse it";
        if (now > facts.NotAfter)
            yield return $"the certificate expired at {facts.NotAfter:u}, so peers will refuse it";
        if (now < facts.NotBefore)
            yield return $"the certificate is not valid before {facts.NotBefore:u}";
        if (!facts.MaySign)
            yield return "the certificate's keyUsage lacks digitalSignature, so peers will refuse it";
        if (roles.HasFlag(IdentityRoles.Server) && !facts.MayBe(CertificateRole.Server))
            yield return "the certificate's extendedKeyUsage does not allow a server: use --role client";
        if (roles.HasFlag(IdentityRoles.Client) && !facts.MayBe(CertificateRole.Client))
            yield return "the certificate's extendedKeyUsage does not allow a client: use --role server";
    }
}
