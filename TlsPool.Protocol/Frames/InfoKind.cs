namespace TlsPool.Protocol.Frames;

/// <summary>Kinds of INFO, field <c>info_kind</c> (wire-format.md, "INFO kinds").</summary>
public enum InfoKind : uint
{
    /// <summary><c>PIOK_INFO_PEERCERT_SUBJECT</c>.</summary>
    PeerCertSubject = 0x52800000,

    /// <summary><c>PIOK_INFO_PEERCERT_ISSUER</c>.</summary>
    PeerCertIssuer = 0x52800001,

    /// <summary><c>PIOK_INFO_MYCERT_SUBJECT</c>.</summary>
    MyCertSubject = 0x52800100,

    /// <summary><c>PIOK_INFO_MYCERT_ISSUER</c>.</summary>
    MyCertIssuer = 0x52800101,

    /// <summary><c>PIOK_INFO_PEERCERT_SUBJECTALTNAME</c>.</summary>
    PeerCertSubjectAltName = 0x52800002,

    /// <summary><c>PIOK_INFO_MYCERT_SUBJECTALTNAME</c>.</summary>
    MyCertSubjectAltName = 0x52800102,

    /// <summary><c>PIOK_INFO_CHANBIND_TLS_UNIQUE</c>.</summary>
    ChannelBindingTlsUnique = 0x59290000,

    /// <summary><c>PIOK_INFO_CHANBIND_TLS_SERVER_END_POINT</c>.</summary>
    ChannelBindingTlsServerEndPoint = 0x59290001,

    /// <summary>
    /// The channel binding tls-exporter (RFC 9266), for which the protocol has no number: an addition of this pool, in the range of
    /// <c>PIOC_LOCAL</c>. Others answer INFOKIND_UNKNOWN.
    /// </summary>
    ChannelBindingTlsExporter = 0xd9290002,

    /// <summary>An addition of this pool: version, cipher suite, group and resumption as ASCII text. Others answer INFOKIND_UNKNOWN.</summary>
    SessionParameters = 0x544c5300,
}
