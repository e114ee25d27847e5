using System.Globalization;
using System.Text.RegularExpressions;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Sequences;

/// <summary>Frames as people read them: no keys, no PINs, nothing that differs from run to run.</summary>
internal static partial class FrameText
{
    private static readonly (StartTlsFlags Flag, string Name)[] StartTlsNames =
    [
        (StartTlsFlags.WithoutSni, "WITHOUT_SNI"),
        (StartTlsFlags.IgnoreCaches, "IGNORE_CACHES"),
        (StartTlsFlags.RequestRemoteId, "REQUEST_REMOTEID"),
        (StartTlsFlags.IgnoreRemoteId, "IGNORE_REMOTEID"),
        (StartTlsFlags.Detach, "DETACH"),
        (StartTlsFlags.Fork, "FORK"),
        (StartTlsFlags.DomainRepresentsUser, "DOMAIN_REPRESENTS_USER"),
        (StartTlsFlags.LocalIdCheck, "LOCALID_CHECK"),
        (StartTlsFlags.Renegotiate, "RENEGOTIATE"),
        (StartTlsFlags.LocalIdOnTheFly, "LOCALID_ONTHEFLY"),
    ];

    private static readonly (LidEntryFlags Flag, string Name)[] LidEntryNames =
    [
        (LidEntryFlags.WantDbEntry, "WANT_DBENTRY"),
        (LidEntryFlags.DbEntry, "DBENTRY"),
        (LidEntryFlags.DbInsert, "DBINSERT"),
        (LidEntryFlags.DbAppend, "DBAPPEND"),
        (LidEntryFlags.DbReorder, "DBREORDER"),
        (LidEntryFlags.New, "NEW"),
        (LidEntryFlags.OnTheFly, "ONTHEFLY"),
    ];

    /// <summary>One line about a frame: the request's number, a star if it belongs to a callback, the command, and what its body says.</summary>
    internal static string Of(Frame frame, bool toPool)
    {
        string number = frame.RequestId.ToString(CultureInfo.InvariantCulture) + (frame.CallbackId != 0 ? "*" : "");
        string body = frame.Body switch
        {
            PingMessage ping => $"{ping.Producer}, {ping.Facilities}",
            StartTlsMessage start => Join(
                Roles(start.Flags),
                Names(StartTlsNames, start.Flags),
                Field("localid", start.LocalId),
                Field("remoteid", start.RemoteId),
                Field("service", start.Service)),
            PinEntryMessage pin => Join(
                pin.TokenLabel.Length > 0 ? $"token {pin.TokenLabel}, attempt {pin.Attempt}" : "",
                pin.Pin.Length > 0 ? "PIN" : toPool ? "no PIN" : ""),
            LidEntryMessage choice => Join(
                Names(LidEntryNames, choice.Flags), $"maxlevels {choice.MaxLevels}", Field("localid", choice.LocalId), Field("remoteid", choice.RemoteId)),
            PrngMessage prng when toPool => $"label of {prng.In1Length} bytes, {(prng.In2Length < 0 ? "no context" : $"context of {prng.In2Length} bytes")}, wants {prng.PrngLength}",
            PrngMessage prng => $"{prng.PrngLength} bytes",
            InfoMessage info => Join(info.Kind.ToString(), info.Length == InfoMessage.Query ? "asks" : toPool ? $"is it these {info.Length} bytes?" : "answers"),
            ErrorMessage error => $"{error.Code}: {Process().Replace(error.Text, "process N of uid N")}",
            _ => "",
        };
        return $"[{number}] {Name(frame.Command)}{(body.Length > 0 ? " " + body : "")}".Replace(';', ',').Replace('#', ' ');
    }

    [GeneratedRegex(@"process \d+ of uid \d+")]
    private static partial Regex Process();

    private static string Name(Command command) => command switch
    {
        Command.StartTls => "STARTTLS",
        Command.StartTlsLocalId => "STARTTLS_LOCALID",
        Command.PlaintextConnect => "PLAINTEXT_CONNECT",
        Command.PinEntry => "PINENTRY",
        Command.ControlDetach => "CONTROL_DETACH",
        Command.ControlReattach => "CONTROL_REATTACH",
        Command.LidEntryRegister => "LIDENTRY_REGISTER",
        Command.LidEntryCallback => "LIDENTRY_CALLBACK",
        _ => command.ToString().ToUpperInvariant(),
    };

    private static string Roles(StartTlsFlags flags) => (flags & StartTlsFlags.LocalRolePeer) switch
    {
        StartTlsFlags.LocalRoleClient => "client",
        StartTlsFlags.LocalRoleServer => "server",
        StartTlsFlags.LocalRolePeer => "peer",
        _ => "",
    };

    private static string Names<T>((T Flag, string Name)[] names, T flags)
        where T : struct, Enum => string.Join(' ', names.Where(name => flags.HasFlag(name.Flag)).Select(name => name.Name));

    private static string Field(string name, string value) => value.Length > 0 ? $"{name} {value}" : "";

    private static string Join(params ReadOnlySpan<string> parts)
    {
        var present = new List<string>();
        foreach (string part in parts)
        {
            if (part.Length > 0)
                present.Add(part);
        }
        return string.Join(", ", present);
    }
}
