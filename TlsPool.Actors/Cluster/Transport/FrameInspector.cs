using System.Text;
using Akka.Actor;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>
/// Holds a connection to the member whose certificate it has shown: Akka takes the address of a node, and the senders of its messages, from
/// what the node says. So each frame is looked into before Akka sees it: who associates, and who sends, has to be that member, and who is
/// sent to has to be here. What Akka would stumble over is refused too: it would say so in the log each time.
/// </summary>
/// <param name="peer">Address of the member.</param>
/// <param name="own">Address of this node.</param>
/// <param name="actor">Path of the only actor that it may send to, as <c>user/management</c>; empty for all.</param>
internal sealed class FrameInspector(Address peer, Address own, string actor = "")
{
    private const uint Payload = 1;
    private const uint Instruction = 2;
    private const uint Command = 1;
    private const uint HandshakeInfo = 2;
    private const uint Origin = 1;
    private const uint OriginSystem = 1;
    private const uint OriginHost = 2;
    private const uint OriginPort = 3;
    private const uint OriginProtocol = 4;
    private const uint Acknowledgement = 1;
    private const uint Envelope = 2;
    private const uint Recipient = 1;
    private const uint Message = 2;
    private const uint Sender = 4;
    private const uint Path = 1;

    private const ulong Associate = 1;
    private const ulong LastCommand = 5;

    private readonly ulong _port = (ulong)(peer.Port ?? 0);
    private readonly byte[] _host = Encoding.UTF8.GetBytes(peer.Host ?? "");
    private readonly byte[] _system = Encoding.UTF8.GetBytes(peer.System);
    private readonly byte[] _protocol = Encoding.UTF8.GetBytes(peer.Protocol);
    private readonly byte[] _peer = RootOf(peer);
    private readonly byte[] _own = [.. RootOf(own), .. Encoding.UTF8.GetBytes(actor)];

    /// <summary>True if the frame may pass: it is well-formed as far as it is looked into, and speaks for the member only.</summary>
    /// <param name="frame">A message of Akka's protocol.</param>
    internal bool MayPass(ReadOnlySpan<byte> frame)
    {
        bool any = false;
        var fields = new ProtobufFields(frame, bytes: Bits(Payload, Instruction));
        while (fields.Next())
        {
            if (fields.Number == Instruction ? !IsHonestInstruction(fields.Bytes) : fields.Number == Payload && !IsHonestPayload(fields.Bytes))
                return false;
            any |= fields.Number is Instruction or Payload;
        }
        return any && !fields.IsMalformed;
    }

    private bool IsHonestInstruction(ReadOnlySpan<byte> instruction)
    {
        (ulong command, bool member) = (0, false);
        var fields = new ProtobufFields(instruction, bytes: Bits(HandshakeInfo), numbers: Bits(Command));
        while (fields.Next())
        {
            if (fields.Number == Command)
                command = fields.Value;
            if (fields.Number == HandshakeInfo && !(member = IsHonestHandshake(fields.Bytes)))
                return false;
        }
        return command is >= Associate and <= LastCommand && (command != Associate || member) && !fields.IsMalformed;
    }

    private bool IsHonestHandshake(ReadOnlySpan<byte> handshake)
    {
        bool member = false;
        var fields = new ProtobufFields(handshake, bytes: Bits(Origin));
        while (fields.Next())
        {
            if (fields.Number == Origin && !(member = IsMember(fields.Bytes)))
                return false;
        }
        return member && !fields.IsMalformed;
    }

    private bool IsMember(ReadOnlySpan<byte> address)
    {
        (bool system, bool host, bool port, bool protocol) = (false, false, false, false);
        var fields = new ProtobufFields(address, bytes: Bits(OriginSystem, OriginHost, OriginProtocol), numbers: Bits(OriginPort));
        while (fields.Next())
        {
            switch (fields.Number)
            {
                case OriginSystem:
                    system = fields.Bytes.SequenceEqual(_system);
                    break;
                case OriginHost:
                    host = fields.Bytes.SequenceEqual(_host);
                    break;
                case OriginPort:
                    port = fields.Value == _port;
                    break;
                case OriginProtocol:
                    protocol = fields.Bytes.SequenceEqual(_protocol);
                    break;
            }
        }
        return system && host && port && protocol && !fields.IsMalformed;
    }

    private bool IsHonestPayload(ReadOnlySpan<byte> payload)
    {
        bool any = false;
        var fields = new ProtobufFields(payload, bytes: Bits(Acknowledgement, Envelope));
        while (fields.Next())
        {
            if (fields.Number == Envelope && !IsHonestEnvelope(fields.Bytes))
                return false;
            any |= fields.Number is Acknowledgement or Envelope;
        }
        return any && !fields.IsMalformed;
    }

    private bool IsHonestEnvelope(ReadOnlySpan<byte> envelope)
    {
        (bool recipient, bool message) = (false, false);
        var fields = new ProtobufFields(envelope, bytes: Bits(Recipient, Message, Sender));
        while (fields.Next())
        {
            if (fields.Number == Recipient && !(recipient = IsPathOf(_own, fields.Bytes, orNone: false)))
                return false;
            if (fields.Number == Sender && !IsPathOf(_peer, fields.Bytes, orNone: true))
                return false;
            message |= fields.Number == Message;
        }
        return recipient && message && !fields.IsMalformed;
    }

    private static bool IsPathOf(ReadOnlySpan<byte> root, ReadOnlySpan<byte> actor, bool orNone)
    {
        bool honest = orNone;
        var fields = new ProtobufFields(actor, bytes: Bits(Path));
        while (fields.Next())
        {
            if (fields.Number == Path)
                honest = fields.Bytes.StartsWith(root) || (orNone && fields.Bytes.IsEmpty);
        }
        return honest && !fields.IsMalformed;
    }

    private static byte[] RootOf(Address address) =>
        Encoding.UTF8.GetBytes(FormattableString.Invariant($"akka.{address.Protocol}://{address.System}@{address.Host}:{address.Port}/"));

    private static uint Bits(params ReadOnlySpan<uint> numbers)
    {
        uint bits = 0;
        foreach (uint number in numbers)
            bits |= ProtobufFields.Bit(number);
        return bits;
    }
}
