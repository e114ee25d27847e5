using System.Runtime.InteropServices;
using System.Text;
using TlsPool.Crypto.Validation;
using TlsPool.Protocol.Identities;
using static TlsPool.Bench.Fuzzing.FuzzViolationException;

namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>
/// Identities and selectors: what is read is written so that it is read again as the same; search goes from the concrete to the general and
/// matches on its way. The first byte says whether UTF-8 or UTF-16 follows, since half surrogates only exist in the latter.
/// </summary>
internal sealed class IdentitiesTarget : FuzzTarget
{
    private static readonly string[] Samples =
    [
        "example.com", "user@example.com", "@example.com", ".example.com", "@.example.com", ".", "@.", "Us\u00e9r@B\u00fccher.example.",
        "xn--bcher-kva.example", "user+tag@a.b.c.example", "_sip.example", "fa\u00df.de", "\u4f8b\u3048.\u30c6\u30b9\u30c8", "a\u0301@x.example", "::1", "192.0.2.1",
    ];

    private static readonly string[] Pieces = ["xn--", ".", "@", "\u3002", "\u00ad", "\u200d", "\u0130", "\ufffd"];

    internal override string Name => "identities";

    internal override int MaxLength => 600;

    internal override IReadOnlyList<byte[]> Words => [.. Samples.Concat(Pieces).Select(Encoding.UTF8.GetBytes)];

    internal override IEnumerable<byte[]> Seeds() => Samples.SelectMany(text => new byte[][]
    {
        [0, .. Encoding.UTF8.GetBytes(text)],
        [1, .. Encoding.Unicode.GetBytes(text)],
    });

    internal override void Run(byte[] input)
    {
        var reader = new InputReader(input);
        bool wide = (reader.Byte() & 1) == 1;
        string text = wide
            ? new string(MemoryMarshal.Cast<byte, char>(reader.Rest))
            : Encoding.UTF8.GetString(reader.Rest);
        if (DoNai.TryParse(text, out DoNai? identity))
            Check(identity);
        if (Selector.TryParse(text, out Selector? selector))
            Check(selector);
        NameMatcher.Covers(text, "www.example.com");
        NameMatcher.Covers("*." + text, "www.example.com");
    }

    private static void Check(DoNai identity)
    {
        string text = identity.ToString();
        UnlessPrintable(text, "an identity");
        Unless(Encoding.UTF8.GetByteCount(text) <= DoNai.MaxBytes, "an identity fits its field");
        Unless(DoNai.TryParse(text, out DoNai? again) && again.Equals(identity) && again.ToString() == text, "an identity is read as it was written");
        Unless(again.Key == identity.Key && again.GetHashCode() == identity.GetHashCode(), "equal identities have equal keys");
        Unless(DoNai.TryParse(identity.Domain, out DoNai? domain) && domain.Equals(identity.ToDomain()), "a domain stands for itself");
        int level = 0;
        Selector last = Selector.Of(identity);
        foreach (Selector selector in Selector.Search(identity))
        {
            Unless(selector.Matches(identity), "search finds only what matches");
            Unless(selector.LevelsAbove(identity) == level++, "search goes one step at a time");
            Check(selector);
            last = selector;
        }
        Unless(last.IsMostGeneral, "search ends at the most general");
    }

    private static void Check(Selector selector)
    {
        string text = selector.ToString();
        Unless(Encoding.UTF8.GetByteCount(text) <= DoNai.MaxBytes, "a selector fits its field");
        Unless(Selector.TryParse(text, out Selector? again) && again.Equals(selector) && again.ToString() == text, "a selector is read as it was written");
        Unless(again.Key == selector.Key && again.GetHashCode() == selector.GetHashCode(), "equal selectors have equal keys");
    }
}
