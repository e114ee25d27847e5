using System.Text;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Sequences;

/// <summary>What was seen to pass between some programs and the pool, in its order; and the page that shows it.</summary>
internal sealed class Sequence
{
    private readonly Lock _gate = new();
    private readonly List<string> _participants = [];
    private readonly List<string> _steps = [];

    internal void Join(string participant)
    {
        lock (_gate)
            _participants.Add(participant);
    }

    /// <summary>A frame on its way; what differs from run to run is left out.</summary>
    internal void Frame(string participant, bool toPool, ReadOnlySpan<byte> frame, bool hasDescriptor)
    {
        FrameDecoding decoded = FrameCodec.Decode(frame);
        string text = decoded.Frame is { } whole ? FrameText.Of(whole, toPool) : $"a frame that does not decode: {decoded.Error}";
        Add(toPool ? $"{participant}->>pool: {text}{(hasDescriptor ? " + descriptor" : "")}" : $"pool-->>{participant}: {text}");
    }

    internal void Closed(string participant, bool byPool) =>
        Add(byPool ? $"pool-x{participant}: closes the connection" : $"{participant}-xpool: closes the connection");

    /// <summary>Something that happens outside of the protocol.</summary>
    internal void Note(string participant, string text) => Add($"Note over {participant}: {text}");

    /// <summary>True once a step with this text has been seen.</summary>
    internal bool Has(string text)
    {
        lock (_gate)
            return _steps.Exists(step => step.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>The page, in Markdown with a Mermaid diagram.</summary>
    internal string Page(string title, string introduction)
    {
        var page = new StringBuilder();
        page.Append("# ").Append(title).Append("\n\n").Append(introduction.Trim()).Append("\n\n```mermaid\nsequenceDiagram\n");
        lock (_gate)
        {
            foreach (string participant in _participants)
                page.Append("    participant ").Append(participant).Append('\n');
            page.Append("    participant pool as TLS Pool\n");
            foreach (string step in _steps)
                page.Append("    ").Append(step).Append('\n');
        }
        return page.Append("```\n").ToString();
    }

    private void Add(string step)
    {
        lock (_gate)
            _steps.Add(step);
    }
}
