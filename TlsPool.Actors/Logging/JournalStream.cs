using System.Globalization;
using TlsPool.Actors.Hosting;

namespace TlsPool.Actors.Logging;

/// <summary>Tells whether standard error goes to the journal (<c>$JOURNAL_STREAM</c>, systemd.exec(5)).</summary>
internal static class JournalStream
{
    private const string Variable = "JOURNAL_STREAM";
    private const int StandardError = 2;

    /// <summary>True if it does. The variable alone says nothing: shells inherit it, and whatever is started from them.</summary>
    internal static bool IsStandardError() => Environment.GetEnvironmentVariable(Variable) is { } stream
        && FileIdentity.Of(StandardError) is { } identity
        && stream == string.Create(CultureInfo.InvariantCulture, $"{identity.DeviceNumber}:{identity.Inode}");
}
