using TlsPool.Crypto.Handshakes;
using TlsPool.Crypto.Handshakes.Peers;
using TlsPool.Crypto.Records;
using TlsPool.Protocol.IO;

namespace TlsPool.Crypto.Pump;

/// <content>Before the handshake, where both sides may have either role: which one is this side's?</content>
public sealed partial class SessionPump
{
    private PeerNegotiation? _negotiation;

    /// <summary>Takes a ciphertext descriptor and finds out on the loop which role to take. Any thread.</summary>
    /// <param name="loop">The loop that will own both descriptors.</param>
    /// <param name="ciphertext">A connected stream socket, now owned by the pump.</param>
    /// <param name="negotiation">A fresh negotiation, now owned by the pump.</param>
    /// <param name="events">Who is told; the role first.</param>
    public static SessionPump Start(EventLoop loop, SafeDescriptor ciphertext, PeerNegotiation negotiation, ISessionEvents events)
    {
        var pump = new SessionPump(loop, ciphertext, events) { _machine = negotiation.Beginner, _negotiation = negotiation };
        if (!loop.Post(_ => pump.BeginNegotiation(), pump))
            pump._ciphertext.Abandon();
        return pump;
    }

    private void BeginNegotiation()
    {
        _ciphertext.Register(_loop, this);
        TimeSpan? patience = _negotiation!.Patience;
        if (patience == TimeSpan.Zero)
            BeginAsClient();
        else if (patience is { } wait)
            _loop.Schedule(wait, _ => BeginAsClient(), this);
        if (_phase == Phase.Handshaking)
            Shake();
    }

    private void BeginAsClient()
    {
        // Who has begun to speak is not interrupted.
        if (_phase == Phase.Handshaking && _partial.Length == 0 && _negotiation?.Begin() is { } client)
            Advance(client.Start());
    }

    /// <summary>Offers bytes to the negotiation, and then to the machine that it settles on; false if no more is wanted now.</summary>
    private bool Negotiate(ReadOnlySpan<byte> input)
    {
        PeerDecision decision = _negotiation!.Decide(input);
        if (decision.Fault is { } fault)
        {
            FailNegotiation(fault);
            return false;
        }
        if (decision.Machine is not { } machine)
        {
            _partial.Append(input);
            if (_partial.Length < HandshakeWindow)
                return true;
            FailNegotiation(new HandshakeFault(AlertCode.RecordOverflow, FromPeer: false, "the peer's ClientHello is too long"));
            return false;
        }
        _negotiation = null;
        _machine = machine;
        _partial.Append(input[decision.Dropped..]);
        _events.OnRoleDecided(this, machine.Role);
        if (decision.MustStart && !Advance(machine.Start()))
            return false;
        Span<byte> rest = _loop.Scratch[..HandshakeWindow];
        int have = _partial.Take(rest);
        return have == 0 || Offer(rest[..have]);
    }

    private void FailNegotiation(HandshakeFault fault)
    {
        _machine!.Abort(fault.Alert);
        SendOutput();
        FailHandshake(fault);
    }
}
