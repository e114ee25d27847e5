using System.Text;

namespace TlsPool.Actors.Cluster.Transport;

/// <summary>
/// Holds a connection to the member whose certificate it has shown: Akka takes the address of a node, and the senders of its messages, from
/// what the node says. So each frame is looked into before Akka sees it: who associates, and who sends, has to be that member.
/// </summary>
/// <param name="system">Name of the actor system.</param>
/// <param name="host">Host of the member, as its address has it.</param>
/// <param name="port">Its port.</param>
internal sealed class FrameInspector(string system, string host, int port)
{
    private const uint Payload = 1;
    private const uint Instruction = 2;
    private const uint HandshakeInfo = 2;
    private const uint Origin = 1;
    private const uint OriginSystem = 1;
    private const uint OriginHost = 2;
    private const uint OriginPort = 3;
    private const uint Envelope = 2;
    private const uint Sender = 4;
    private const uint Path = 1;

    private readonly int _port = port;
    private readonly byte[] _host = Encoding.UTF8.GetBytes(host);
    private readonly byte[] _system = Encoding.UTF8.GetBytes(system);
    private readonly byte[] _address = Encoding.UTF8.GetBytes(FormattableString.Invariant($"akka.{TlsTransport.Scheme}://{system}@{host}:{port}/"));

    /// <summary>True if the frame may pass: it is well-formed as far as it is looked into, and speaks for the member only.</summary>
    /// <param name="frame">A message of Akka's protocol.</param>
    internal bool MayPass(ReadOnlySpan<byte> frame)
    {
        var fields = new ProtobufFields(frame);
        while (fields.Next())
        {
            if (fields.Number == Instruction && !IsHonestInstruction(fields.Bytes))
                return false;
            if (fields.Number == Payload && !IsHonestPayload(fields.Bytes))
                return false;
        }
        return !fields.IsMalformed;
    }

    private bool IsHonestInstruction(ReadOnlySpan<byte> instruction)
    {
        var fields = new ProtobufFields(instruction);
        while (fields.Next())
        {
            if (fields.Number == HandshakeInfo && !IsHonestHandshake(fields.Bytes))
                return false;
        }
        return !fields.IsMalformed;
    }

    private bool IsHonestHandshake(ReadOnlySpan<byte> handshake)
    {
        var fields = new ProtobufFields(handshake);
        while (fields.Next())
        {
            if (fields.Number == Origin && !IsMember(fields.Bytes))
                return false;
        }
        return !fields.IsMalformed;
    }

    private bool IsMember(ReadOnlySpan<byte> address)
    {
        (bool system, bool host, bool port) = (false, false, false);
        var fields = new ProtobufFields(address);
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
                    port = fields.Value == (ulong)_port;
                    break;
            }
        }
        return system && host && port && !fields.IsMalformed;
    }

    private bool IsHonestPayload(ReadOnlySpan<byte> payload)
    {
        var fields = new ProtobufFields(payload);
        while (fields.Next())
        {
            if (fields.Number == Envelope && !IsHonestEnvelope(fields.Bytes))
                return false;
        }
        return !fields.IsMalformed;
    }

    private bool IsHonestEnvelope(ReadOnlySpan<byte> envelope)
    {
        var fields = new ProtobufFields(envelope);
        while (fields.Next())
        {
            if (fields.Number == Sender && !IsHonestSender(fields.Bytes))
                return false;
        }
        return !fields.IsMalformed;
    }

    /// <summary>Nobody is an honest sender too.</summary>
    private bool IsHonestSender(ReadOnlySpan<byte> sender)
    {
        var fields = new ProtobufFields(sender);
        while (fields.Next())
        {
            if (fields.Number == Path && fields.Bytes.Length > 0 && !fields.Bytes.StartsWith(_address))
                return false;
        }
        return !fields.IsMalformed;
    }
}
