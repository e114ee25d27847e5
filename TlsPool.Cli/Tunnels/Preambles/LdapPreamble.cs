using System.Formats.Asn1;
using System.Numerics;
using System.Text;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Tunnels.Preambles;

/// <summary>StartTLS of LDAP (RFC 4511 section 4.14).</summary>
internal sealed class LdapPreamble : IPreamble
{
    private const string Oid = "1.3.6.1.4.1.1466.20037";
    private const int Success = 0;
    private const int ConfidentialityRequired = 13;
    private const int MaxMessage = 8192;
    private const int ExtendedRequest = 23;
    private const int ExtendedResponse = 24;
    private const int UnbindRequest = 2;
    private const int AbandonRequest = 16;

    private static readonly Asn1Tag RequestName = new(TagClass.ContextSpecific, 0);

    /// <inheritdoc/>
    public async Task ServeAsync(ServedPreamble served)
    {
        for (int i = 0; i < Lines.Most; i++)
        {
            byte[] message = await ReadAsync(served.Client, served.Cancellation).ConfigureAwait(false);
            (BigInteger id, int operation, string? name) = Parse(message);
            if (operation == UnbindRequest)
                break;
            // Not even a refusal answers this one (section 4.11).
            if (operation == AbandonRequest)
                continue;
            bool starts = operation == ExtendedRequest && name == Oid;
            // The answer to an operation has the next number (section 4.2 to 4.12), a search ends with SearchResultDone.
            int answer = operation == 3 ? 5 : operation == 10 ? 11 : operation + 1;
            await served.Client.SendAsync(Response(id, answer, starts ? Success : ConfidentialityRequired), served.Cancellation).ConfigureAwait(false);
            if (starts)
                return;
        }
        throw new InvalidDataException("the client left without StartTLS");
    }

    /// <inheritdoc/>
    public async Task AskAsync(AskedPreamble asked)
    {
        await asked.Server.SendAsync(Request(), asked.Cancellation).ConfigureAwait(false);
        byte[] message = await ReadAsync(asked.Server, asked.Cancellation).ConfigureAwait(false);
        int code = ResultCode(message);
        if (code != Success)
            throw new InvalidDataException($"the server refuses StartTLS with result code {code}");
    }

    private static byte[] Request()
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, ExtendedRequest)))
                writer.WriteOctetString(Encoding.ASCII.GetBytes(Oid), RequestName);
        }
        return writer.Encode();
    }

    private static byte[] Response(BigInteger id, int operation, int code)
    {
        var writer = new AsnWriter(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(id);
            using (writer.PushSequence(new Asn1Tag(TagClass.Application, operation)))
            {
                writer.WriteEnumeratedValue((ResultCodes)code);
                writer.WriteOctetString([]);
                writer.WriteOctetString(code == Success ? [] : "use StartTLS first"u8);
            }
        }
        return writer.Encode();
    }

    private static (BigInteger Id, int Operation, string? Name) Parse(byte[] message) => Hostile(() =>
    {
        AsnReader reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        BigInteger id = reader.ReadInteger();
        Asn1Tag tag = reader.PeekTag();
        if (tag.TagClass != TagClass.Application)
            throw new InvalidDataException("the client does not speak LDAP");
        string? name = null;
        if (tag.TagValue == ExtendedRequest)
            name = Encoding.ASCII.GetString(reader.ReadSequence(tag).ReadOctetString(RequestName));
        return (id, tag.TagValue, name);
    });

    private static int ResultCode(byte[] message) => Hostile(() =>
    {
        AsnReader reader = new AsnReader(message, AsnEncodingRules.BER).ReadSequence();
        reader.ReadInteger();
        return (int)reader.ReadSequence(new Asn1Tag(TagClass.Application, ExtendedResponse)).ReadEnumeratedValue<ResultCodes>();
    });

    private static T Hostile<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (AsnContentException malformed)
        {
            throw new InvalidDataException("the other side does not speak LDAP", malformed);
        }
    }

    /// <summary>Reads one message: a SEQUENCE of definite length.</summary>
    private static async Task<byte[]> ReadAsync(LoopSocket socket, CancellationToken cancellation)
    {
        byte[] head = new byte[2];
        await socket.ReceiveExactlyAsync(head, cancellation).ConfigureAwait(false);
        int extra = head[1] < 0x80 ? 0 : head[1] & 0x7f;
        if (head[0] != 0x30 || head[1] == 0x80 || extra > 4)
            throw new InvalidDataException("the other side does not speak LDAP");
        byte[] digits = new byte[extra];
        await socket.ReceiveExactlyAsync(digits, cancellation).ConfigureAwait(false);
        long length = extra == 0 ? head[1] : digits.Aggregate(0L, (sum, digit) => (sum << 8) | digit);
        if (length > MaxMessage)
            throw new InvalidDataException("the other side sent a message that is too long before StartTLS");
        byte[] body = new byte[length];
        await socket.ReceiveExactlyAsync(body, cancellation).ConfigureAwait(false);
        return [.. head, .. digits, .. body];
    }

    // AsnWriter takes enumerated values as enumerations only.
    private enum ResultCodes
    {
        Success = LdapPreamble.Success,
        ConfidentialityRequired = LdapPreamble.ConfidentialityRequired,
    }
}
