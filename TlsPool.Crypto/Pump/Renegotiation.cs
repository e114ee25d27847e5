using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Records;

namespace TlsPool.Crypto.Pump;

/// <summary>
/// A TLS 1.2 renegotiation while it lasts. Its machine talks in the clear as in a first handshake: until each side's ChangeCipherSpec the pump
/// opens and seals its records under the keys of the session, after it they are the machine's own.
/// <code>
/// Wanted (the peer asks) ──┐
/// Invited (HelloRequest) ──┴─► Running ─► over
/// </code>
/// </summary>
internal sealed class Renegotiation
{
    /// <summary>As much as a machine takes.</summary>
    private const int MaxWaiting = 192 * 1024;

    private readonly Queue<byte[]> _waiting = [];
    private int _waitingSize;

    /// <summary>Makes the handshake; null until the session has decided about the peer's wish.</summary>
    internal HandshakeMachine? Machine { get; set; }

    /// <summary>True once messages are exchanged: from then on data of this side has to wait, as peers take none in between.</summary>
    internal bool IsRunning { get; set; }

    /// <summary>True while a question is open.</summary>
    internal bool IsSuspended { get; set; }

    /// <summary>The peer has changed its keys: what follows is for the machine to open.</summary>
    internal bool PeerChanged { get; set; }

    /// <summary>This side has changed its keys: the machine protects what follows.</summary>
    internal bool OwnChanged { get; set; }

    /// <summary>Nothing can be opened before the open question is answered.</summary>
    internal bool StopsReading => PeerChanged && (IsSuspended || Machine is null);

    /// <summary>True while this side has asked a client to begin, and it has not.</summary>
    internal bool IsInvitation => Machine is not null && !IsRunning;

    /// <summary>Keeps content for the machine, as the records it expects.</summary>
    /// <exception cref="RecordException">The peer sends too much.</exception>
    internal void Add(ContentType type, ReadOnlySpan<byte> content)
    {
        do
        {
            ReadOnlySpan<byte> part = content[..Math.Min(content.Length, RecordSealer.MaxContent)];
            content = content[part.Length..];
            byte[] record = new byte[RecordHeader.Size + part.Length];
            RecordHeader.Write(record, type, part.Length);
            part.CopyTo(record.AsSpan(RecordHeader.Size));
            AddRecord(record);
        }
        while (content.Length > 0);
    }

    /// <summary>Keeps a record for the machine as it came.</summary>
    /// <exception cref="RecordException">The peer sends too much.</exception>
    internal void AddRecord(byte[] record)
    {
        _waitingSize += record.Length;
        if (_waitingSize > MaxWaiting)
            throw new RecordException(AlertCode.RecordOverflow, "the peer's renegotiation is too long");
        _waiting.Enqueue(record);
    }

    /// <summary>Gives the machine what waits for it, until it is done or asks something.</summary>
    internal HandshakeStatus Feed(HandshakeStatus status)
    {
        while (status == HandshakeStatus.NeedInput && _waiting.TryDequeue(out byte[]? record))
        {
            _waitingSize -= record.Length;
            status = Machine!.Offer(record, out _);
        }
        return status;
    }

    /// <summary>True if the machine was given more than its handshake: nothing can follow the peer's Finished under these keys.</summary>
    internal bool HasRest => _waiting.Count > 0;

    /// <summary>The machine's output so far, whole records.</summary>
    internal byte[] TakeOutput()
    {
        var output = new MemoryStream();
        byte[] buffer = new byte[4096];
        for (int count; (count = Machine!.ReadOutput(buffer)) > 0;)
            output.Write(buffer, 0, count);
        return output.ToArray();
    }

    /// <summary>Clears what is secret.</summary>
    internal void Drop()
    {
        if (Machine?.Outcome is { } outcome)
        {
            outcome.Sealer.Dispose();
            outcome.Opener.Dispose();
            outcome.Secrets.Dispose();
        }
        Machine?.Dispose();
    }
}
