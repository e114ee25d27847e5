using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TlsPool.Actors.Audit;

namespace TlsPool.Actors.Storage.Trails;

/// <summary>
/// A number that stands for what a row says. Whoever collects remembers that of the last row: if the trail has another row of that number
/// afterwards, a backup was put back. It is made and compared by the node whose trail it is; its form never changes, or all would be sent again.
/// </summary>
internal static class AuditMark
{
    /// <summary>There is no row to compare with.</summary>
    internal const long None = 0;

    internal static long Of(AuditRow row)
    {
        AuditEvent decision = row.Record.Event;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"{row.Record.Id}\n{row.Record.Time.ToUnixTimeMilliseconds()}\n{row.Kind}\n{decision.Allowed}\n{decision.Session}\n{decision.Application?.ProcessId}\n{decision.LocalId}\n{decision.RemoteId}\n{decision.Reason}");
        long mark = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return mark == None ? 1 : mark;
    }
}
