using Org.BouncyCastle.Tls;
using TlsPool.Crypto.Primitives;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Handshakes;

/// <summary>
/// One TLS handshake without any I/O: bytes in, bytes out, questions in between. A question that cannot be answered at once suspends
/// the machine without holding a thread: the run is dropped, and when the answer is there the same input runs again with the same
/// randomness. Not thread safe: the session's loop drives it.
/// </summary>
public sealed class HandshakeMachine : IDisposable
{
    /// <summary>More than this of one handshake is an attack: certificate chains are bounded far below.</summary>
    private const int MaxInput = 192 * 1024;

    /// <summary>Each costs time of its own, however short, and again when a run is replayed.</summary>
    private const int MaxRecords = 4096;

    private readonly HandshakeRun _run;
    private readonly List<byte[]> _input = [];
    private TlsProtocol? _protocol;
    private Action<short, string>? _abort;
    private int _inputSize;
    private int _sent;
    private int _skip;
    private byte[]? _plainAlert;
    private bool _faulted;

    /// <summary>Prepares a handshake.</summary>
    /// <param name="settings">Policy of the engine.</param>
    /// <param name="request">What to do.</param>
    /// <param name="answers">Answers what needs no waiting.</param>
    /// <exception cref="ArgumentException">The session to renew is none of TLS 1.2.</exception>
    public HandshakeMachine(HandshakeSettings settings, HandshakeRequest request, IHandshakeAnswers answers) =>
        _run = request.Renews is null
            ? new HandshakeRun(settings, request, answers)
            : new HandshakeRun(RenegotiationInfo.Settings(settings), RenegotiationInfo.Checked(request), answers);

    /// <summary>The local role.</summary>
    public TlsRole Role => _run.Request.Role;

    /// <summary>The open question in state <see cref="HandshakeStatus.Asking"/>.</summary>
    public HandshakeQuestion? Question => _run.Pending;

    /// <summary>The outcome in state <see cref="HandshakeStatus.Done"/>; the caller owns it.</summary>
    public HandshakeOutcome? Outcome => _faulted ? null : _run.Outcome;

    /// <summary>The fault in state <see cref="HandshakeStatus.Failed"/>.</summary>
    public HandshakeFault? Fault { get; private set; }

    private HandshakeStatus Status =>
        Fault is not null ? HandshakeStatus.Failed
        : _run.Pending is not null ? HandshakeStatus.Asking
        : _run.Outcome is not null ? HandshakeStatus.Done
        : HandshakeStatus.NeedInput;

    /// <summary>Starts; a client's ClientHello is in the output then. Call once, first.</summary>
    public HandshakeStatus Start()
    {
        Guard(Begin);
        return Status;
    }

    /// <summary>Takes ciphertext of the peer, whole records only.</summary>
    /// <param name="input">Any bytes received so far and not consumed.</param>
    /// <param name="consumed">How many were used. What follows the handshake's last record is left for the record opener.</param>
    public HandshakeStatus Offer(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        while (Status == HandshakeStatus.NeedInput && input.Length - consumed > 0)
        {
            ReadOnlySpan<byte> rest = input[consumed..];
            if (RecordRules.Check(rest, first: _input.Count == 0) is { } fault)
            {
                FailHere(fault);
                break;
            }
            if (rest.Length < RecordHeader.Size)
                break;
            int size = RecordHeader.Size + RecordHeader.BodyLength(rest);
            if (rest.Length < size)
                break;
            consumed += size;
            _inputSize += size;
            if (_inputSize > MaxInput || _input.Count >= MaxRecords)
            {
                FailHere(new HandshakeFault(AlertCode.RecordOverflow, FromPeer: false, "the peer's handshake is too long"));
                break;
            }
            byte[] record = rest[..size].ToArray();
            if (_run.EarlyData?.Drops(record) == true)
                continue;
            _input.Add(record);
            Guard(() => Feed(record));
        }
        return Status;
    }

    /// <summary>Answers the open question and goes on.</summary>
    public HandshakeStatus Answer(HandshakeAnswer answer)
    {
        if (Status != HandshakeStatus.Asking)
            return Status;
        _run.Answer(answer);
        Replay();
        return Status;
    }

    /// <summary>Moves pending output to a buffer.</summary>
    /// <returns>Bytes written; 0 when there is no more.</returns>
    public int ReadOutput(Span<byte> destination)
    {
        if (_plainAlert is { } alert)
        {
            _plainAlert = null;
            alert.CopyTo(destination);
            return alert.Length;
        }
        if (_protocol is null)
            return 0;
        int available = Math.Min(_protocol.GetAvailableOutputBytes(), destination.Length);
        if (available == 0)
        {
            if (_run.Outcome is not null)
                _protocol = null;
            return 0;
        }
        byte[] output = new byte[available];
        _protocol.ReadOutput(output, 0, available);
        output.CopyTo(destination);
        _sent += available;
        return available;
    }

    /// <summary>Ends the handshake from this side (timeout, closing): leaves the alert in the output.</summary>
    public void Abort(AlertCode alert)
    {
        const string reason = "this side ended the handshake";
        if (Status == HandshakeStatus.Asking)
            Answer(new RefusalAnswer(alert, reason));
        else if (Status == HandshakeStatus.NeedInput)
            FailHere(new HandshakeFault(alert, FromPeer: false, reason));
        Fault ??= new HandshakeFault(alert, FromPeer: false, reason);
    }

    /// <summary>Drops everything; clears secrets of an unfinished handshake.</summary>
    public void Dispose()
    {
        _protocol = null;
        _abort = null;
        _input.Clear();
        _run.Clear();
    }

    private void Begin()
    {
        var crypto = new EngineCrypto(_run.Tape);
        if (_run.Request.Role == TlsRole.Server)
        {
            var peer = new ServerPeer(_run, crypto);
            var protocol = new ServerProtocol(peer);
            (_protocol, _abort) = (protocol, protocol.Abort);
            protocol.Accept(peer);
        }
        else
        {
            var peer = new ClientPeer(_run, crypto);
            var protocol = new ClientProtocol(peer);
            (_protocol, _abort) = (protocol, protocol.Abort);
            protocol.Connect(peer);
        }
    }

    // BouncyCastle decrypts in place: it gets a copy, and the tape stays as it came.
    private void Feed(byte[] record) => _protocol!.OfferInput(record.AsSpan().ToArray(), 0, record.Length);

    private void Replay()
    {
        _run.Rewind();
        _skip = _sent;
        Guard(() =>
        {
            Begin();
            foreach (byte[] record in _input)
                Feed(record);
        });
        // What the peer has already is made again and dropped.
        if (_protocol is not null && _skip > 0)
        {
            byte[] again = new byte[_skip];
            _protocol.ReadOutput(again, 0, Math.Min(_skip, _protocol.GetAvailableOutputBytes()));
        }
    }

    private void Guard(Action step)
    {
        try
        {
            step();
        }
        catch (Exception) when (_run.Pending is not null)
        {
            // Suspended: this run is void, and the answer starts another.
            _protocol = null;
            _abort = null;
        }
        catch (Exception exception)
        {
            _faulted = true;
            Fault = HandshakeFaults.From(exception, _run.Refusal);
            if (!Fault.FromPeer && (_protocol is null || _protocol.GetAvailableOutputBytes() == 0))
                _plainAlert = RecordRules.PlainAlert(Fault.Alert);
        }
    }

    private void FailHere(HandshakeFault fault)
    {
        // The engine protects the alert where there are keys, and says nothing before it has understood a message.
        if (_abort is { } abort)
            Guard(() => abort((short)fault.Alert, fault.Reason));
        (Fault, _faulted) = (fault, true);
        if (_protocol is null || _protocol.GetAvailableOutputBytes() == 0)
            _plainAlert = RecordRules.PlainAlert(fault.Alert);
    }
}
