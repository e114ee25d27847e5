using System.Text;
using NUnit.Framework;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Tests.Cli.Consoles;

[Parallelizable(ParallelScope.All)]
public sealed class KeyDecoderTests
{
    private const string Everything = "aß€😀\r\t\x7f\x15\x0c\e[A\e[B\e[C\eOD\e[1~\e[4~\e[H\e[F\e[Z\e[5~\e[6~\e[3~\e[1;5A\e[200~x\e[201~z";

    private static readonly string[] Expected =
    [
        "a", "ß", "€", "😀", "Enter", "Tab", "Backspace", "Erase", "Redraw", "Up", "Down", "Right", "Left", "Home", "End", "Home", "End", "BackTab", "PageUp",
        "PageDown", "Delete", "Up", "x", "z",
    ];

    [Test]
    public void Keys_are_known_wherever_they_are_split()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Everything);
        for (int split = 0; split <= bytes.Length; split++)
        {
            var decoder = new KeyDecoder();
            List<string> keys = [];
            decoder.Take(bytes.AsSpan(0, split), key => keys.Add(NameOf(key)));
            decoder.Take(bytes.AsSpan(split), key => keys.Add(NameOf(key)));
            Assert.That(keys, Is.EqualTo(Expected), $"split at {split}");
            Assert.That(decoder.IsWaiting, Is.False);
        }
    }

    [Test]
    public void An_escape_is_one_when_nothing_follows_or_something_that_belongs_to_no_key()
    {
        Assert.That(KeysOf("\e", settle: true), Is.EqualTo(new[] { "Escape" }));
        Assert.That(KeysOf("\e\e[A"), Is.EqualTo(new[] { "Escape", "Up" }));
        Assert.That(KeysOf("\eq"), Is.EqualTo(new[] { "Escape", "q" }));
    }

    [Test]
    public void What_is_no_key_is_left_out_and_what_follows_is_known()
    {
        Assert.That(KeysOf($"\e[{new string('1', 100)}"), Has.All.EqualTo("1"), "a sequence without an end");
        Assert.That(KeysOf("\e[99~a"), Is.EqualTo(new[] { "a" }));
        var decoder = new KeyDecoder();
        List<string> keys = [];
        decoder.Take([0xff, 0xc3, 0x28, (byte)'b'], key => keys.Add(NameOf(key)));
        Assert.That(keys[^1], Is.EqualTo("b"), "no UTF-8");
    }

    private static List<string> KeysOf(string text, bool settle = false)
    {
        var decoder = new KeyDecoder();
        List<string> keys = [];
        decoder.Take(Encoding.UTF8.GetBytes(text), key => keys.Add(NameOf(key)));
        if (settle)
            decoder.Settle(key => keys.Add(NameOf(key)));
        return keys;
    }

    private static string NameOf(Key key) => key.Kind == KeyKind.Letter ? key.Letter.ToString() : key.Kind.ToString();
}
