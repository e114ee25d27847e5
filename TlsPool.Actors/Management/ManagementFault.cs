namespace TlsPool.Actors.Management;

/// <summary>Why something that was asked was not done. The numbers are those of HTTP (RFC 9110 section 15), and cross the wire.</summary>
public enum ManagementFault
{
    /// <summary>The request makes no sense.</summary>
    BadRequest = 400,

    /// <summary>Who asks may not.</summary>
    Forbidden = 403,

    /// <summary>There is no such thing.</summary>
    NotFound = 404,

    /// <summary>It cannot be done in the state that things are in.</summary>
    Conflict = 409,

    /// <summary>Too much was asked at once.</summary>
    TooMany = 429,

    /// <summary>It failed.</summary>
    Failed = 500,

    /// <summary>The node that was asked does not answer.</summary>
    NoAnswer = 504,
}
