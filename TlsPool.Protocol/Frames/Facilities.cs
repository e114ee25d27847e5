namespace TlsPool.Protocol.Frames;

/// <summary>Facilities of a pool, field <c>facilities</c> of PING.</summary>
[Flags]
public enum Facilities : uint
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary><c>PIOF_FACILITY_ALL_CURRENT</c>.</summary>
    AllCurrent = 0x00000001,

    /// <summary><c>PIOF_FACILITY_STARTTLS</c>.</summary>
    StartTls = 0x00000001,

    /// <summary><c>PIOF_FACILITY_STARTGSS</c>.</summary>
    StartGss = 0x00000002,

    /// <summary><c>PIOF_FACILITY_STARTSSH</c>.</summary>
    StartSsh = 0x00000004,
}
