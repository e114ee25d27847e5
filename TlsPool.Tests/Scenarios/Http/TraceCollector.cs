using System.Globalization;
using System.Net;
using System.Text;
using Google.Protobuf;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>Receives traces as collectors do: OTLP over HTTP, in the binary format (opentelemetry-proto, trace/v1/trace.proto).</summary>
internal sealed class TraceCollector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly List<TraceSpan> _spans = [];

    internal TraceCollector(int port)
    {
        Url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        _listener.Prefixes.Add($"{Url}/");
        _listener.Start();
        _ = ReceiveAsync();
    }

    internal string Url { get; }

    /// <summary>What has come so far.</summary>
    internal IReadOnlyList<TraceSpan> Spans
    {
        get
        {
            lock (_spans)
                return [.. _spans];
        }
    }

    /// <summary>Everything that has come, as text: to look for what must not be there.</summary>
    internal string Raw { get; private set; } = "";

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            if (context.Request.Url!.AbsolutePath == "/v1/traces")
                Take(body.ToArray());
            context.Response.Close();
        }
    }

    // resource_spans (1), scope_spans (2), spans (2)
    private void Take(byte[] request)
    {
        lock (_spans)
        {
            Raw += Encoding.Latin1.GetString(request);
            foreach (ByteString resource in Fields(request, 1))
                foreach (ByteString scope in Fields(resource.ToByteArray(), 2))
                    foreach (ByteString span in Fields(scope.ToByteArray(), 2))
                        _spans.Add(TraceSpan.Read(span.ToByteArray()));
        }
    }

    /// <summary>Values of a field that has a length.</summary>
    internal static IEnumerable<ByteString> Fields(byte[] message, int number)
    {
        var input = new CodedInputStream(message);
        while (input.ReadTag() is > 0 and var tag)
        {
            if (tag == WireFormat.MakeTag(number, WireFormat.WireType.LengthDelimited))
                yield return input.ReadBytes();
            else
                input.SkipLastField();
        }
    }
}

/// <summary>A span.</summary>
/// <param name="Trace">Its trace.</param>
/// <param name="Id">Its number.</param>
/// <param name="Parent">The span that it is a part of; empty for none.</param>
/// <param name="Name">What was done.</param>
/// <param name="Attributes">Names and texts of attributes.</param>
internal sealed record TraceSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Attributes)
{
    // trace_id (1), span_id (2), parent_span_id (4), name (5), attributes (9) of key (1) and value (2), whose texts are field 1
    internal static TraceSpan Read(byte[] span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(span, 5),
        TraceCollector.Fields(span, 9).Select(attribute => attribute.ToByteArray())
            .ToDictionary(attribute => Text(attribute, 1), attribute => Text(TraceCollector.Fields(attribute, 2).Single().ToByteArray(), 1)));

    private static string Hex(byte[] message, int number) => Convert.ToHexStringLower(TraceCollector.Fields(message, number).FirstOrDefault(ByteString.Empty).Span);

    private static string Text(byte[] message, int number) => TraceCollector.Fields(message, number).FirstOrDefault(ByteString.Empty).ToStringUtf8();
}
