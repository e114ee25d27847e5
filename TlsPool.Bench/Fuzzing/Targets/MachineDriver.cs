using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>Drives a machine as a session does, and checks what it promises: no exception, progress, an alert for every fault.</summary>
internal sealed class MachineDriver : IDisposable
{
    private const byte FatalLevel = 2;

    private readonly HandshakeMachine _machine;
    private readonly FuzzIdentity.Answers _answers;
    private readonly List<byte> _unread = [];
    private byte[] _lastOutput = [];

    internal MachineDriver(HandshakeSettings settings, HandshakeRequest request, FuzzIdentity.Answers answers)
    {
        _answers = answers;
        _machine = new HandshakeMachine(settings, request, answers);
        Status = Settle(_machine.Start());
    }

    internal HandshakeStatus Status { get; private set; }

    internal HandshakeFault? Fault => _machine.Fault;

    /// <summary>Bytes that the machine left for whoever comes after the handshake.</summary>
    internal int Unread => _unread.Count;

    /// <summary>Gives the machine bytes from the wire.</summary>
    internal void Offer(ReadOnlySpan<byte> bytes)
    {
        _unread.AddRange(bytes);
        while (Status == HandshakeStatus.NeedInput)
        {
            HandshakeStatus status = _machine.Offer([.. _unread], out int consumed);
            Unless(consumed >= 0 && consumed <= _unread.Count, "a machine consumes what it was offered");
            _unread.RemoveRange(0, consumed);
            Status = Settle(status);
            if (consumed == 0)
                return;
        }
    }

    /// <summary>What the machine has to say now.</summary>
    internal byte[] Output()
    {
        var output = new List<byte>();
        byte[] buffer = new byte[2048];
        for (int count; (count = _machine.ReadOutput(buffer)) > 0;)
            output.AddRange(buffer.AsSpan(0, count));
        if (output.Count > 0)
            _lastOutput = [.. output];
        return [.. output];
    }

    /// <summary>Ends the handshake and checks how it came out.</summary>
    internal void Finish()
    {
        if (Status is HandshakeStatus.NeedInput or HandshakeStatus.Asking)
        {
            _machine.Abort(AlertCode.UserCanceled);
            Unless(_machine.Fault is not null, "a handshake that was ended has a fault");
        }
        else if (Status == HandshakeStatus.Done)
        {
            HandshakeOutcome outcome = _machine.Outcome!;
            UnlessPrintable(outcome.ServerName ?? "", "a server name");
            outcome.Sealer.Dispose();
            outcome.Opener.Dispose();
            outcome.Secrets.Dispose();
            return;
        }
        Output();
        HandshakeFault fault = _machine.Fault!;
        Unless(_machine.Outcome is null, "a handshake that failed has no outcome");
        UnlessPrintable(fault.Reason, "the reason");
        if (!fault.FromPeer)
            CheckAlert(fault.Alert);
    }

    public void Dispose() => _machine.Dispose();

    private HandshakeStatus Settle(HandshakeStatus status)
    {
        for (int questions = 0; status == HandshakeStatus.Asking; questions++)
        {
            Unless(questions < 64, "a machine asks a bounded number of questions");
            status = _machine.Answer(_answers.Answer(_machine.Question!));
        }
        Unless((status == HandshakeStatus.Failed) == (_machine.Fault is not null), "a machine that failed says why");
        return status;
    }

    /// <summary>The last record that went out is the alert: in plain, or protected, which only its length shows.</summary>
    private void CheckAlert(AlertCode alert)
    {
        byte[] last = [];
        for (ReadOnlySpan<byte> rest = _lastOutput; rest.Length >= RecordHeader.Size;)
        {
            int size = Math.Min(rest.Length, RecordHeader.Size + RecordHeader.BodyLength(rest));
            last = rest[..size].ToArray();
            rest = rest[size..];
        }
        Unless(last.Length > 0, "a machine that failed sends an alert");
        var type = (ContentType)last[0];
        Unless(type is ContentType.Alert or ContentType.ApplicationData, "an alert is the last thing a machine sends");
        if (type == ContentType.Alert && last.Length == RecordHeader.Size + 2)
            Unless(last[RecordHeader.Size] == FatalLevel && last[RecordHeader.Size + 1] == (byte)alert, "the alert sent is the one reported");
    }
}
