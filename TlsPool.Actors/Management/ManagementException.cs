namespace TlsPool.Actors.Management;

/// <summary>Something was not done; the message says why, and what to do, and holds no secret.</summary>
public sealed class ManagementException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="fault">What kind of reason it is.</param>
    /// <param name="message">The reason.</param>
    public ManagementException(ManagementFault fault, string message)
        : base(message) => Fault = fault;

    /// <summary>What kind of reason it is.</summary>
    public ManagementFault Fault { get; }
}
