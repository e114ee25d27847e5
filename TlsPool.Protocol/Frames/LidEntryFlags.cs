namespace TlsPool.Protocol.Frames;

/// <summary>Registration and callback flags of LIDENTRY (behaviour.md, "LIDENTRY").</summary>
[Flags]
public enum LidEntryFlags : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>PIOF_LIDENTRY_SKIP_DBENTRY</c>.</summary>
    SkipDbEntry = 0x00000080,

    /// <summary><c>PIOF_LIDENTRY_SKIP_USER</c>.</summary>
    SkipUser = 0x00000081,

    /// <summary><c>PIOF_LIDENTRY_SKIP_DOMAIN_SAME</c>.</summary>
    SkipDomainSame = 0x00000082,

    /// <summary><c>PIOF_LIDENTRY_SKIP_DOMAIN_ONEUP</c>.</summary>
    SkipDomainOneUp = 0x00000084,

    /// <summary><c>PIOF_LIDENTRY_SKIP_DOMAIN_SUB</c>.</summary>
    SkipDomainSub = 0x00000086,

    /// <summary><c>PIOF_LIDENTRY_SKIP_NOTROOT</c>.</summary>
    SkipNotRoot = 0x00000088,

    /// <summary><c>PIOF_LIDENTRY_WANT_DBENTRY</c>.</summary>
    WantDbEntry = 0x00000100,

    /// <summary><c>PIOF_LIDENTRY_DBENTRY</c>.</summary>
    DbEntry = 0x00001000,

    /// <summary><c>PIOF_LIDENTRY_REGFLAGS</c>.</summary>
    RegistrationMask = 0x00000fff,

    /// <summary><c>PIOF_LIDENTRY_DBINSERT</c>.</summary>
    DbInsert = 0x00002000,

    /// <summary><c>PIOF_LIDENTRY_DBAPPEND</c>.</summary>
    DbAppend = 0x00004000,

    /// <summary><c>PIOF_LIDENTRY_DBREORDER</c>.</summary>
    DbReorder = 0x00008000,

    /// <summary><c>PIOF_LIDENTRY_NEW</c>.</summary>
    New = 0x00100000,

    /// <summary><c>PIOF_LIDENTRY_ONTHEFLY</c>.</summary>
    OnTheFly = 0x00200000,
}
