namespace TlsPool.Actors.Configuration;

/// <summary>The configuration cannot be used. The message names file and line, and says what is allowed.</summary>
public sealed class ConfigurationException(string message) : Exception(message);
