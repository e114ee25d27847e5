using System.Text;
using System.Text.Json;
using NUnit.Framework;
using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Consoles.Dialogs;
using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Tests.Cli.Consoles;

[Parallelizable(ParallelScope.All)]
public sealed class ActionFormTests
{
    private static readonly Row Session = new("b\n12", JsonDocument.Parse("""{"node":"b","number":12}""").RootElement, null);
    private static readonly Row Token = new("b\nt", JsonDocument.Parse("""{"node":"b","token":"pkcs11:token=t"}""").RootElement, null);
    private static readonly Row Credential =
        new("x", JsonDocument.Parse($$"""{"identity":"www.example","fingerprint":"{{new string('a', 64)}}","key":"builtin:1"}""").RootElement, null);

    [Test]
    public void What_cannot_be_undone_is_typed_in_full_before_it_is_done()
    {
        (FormDialog form, Func<(Dictionary<string, object?>? Arguments, string Node)> submitted) = Open("session.close", Session);
        Type(form, "1");
        Assert.That(form.Take(new Key(KeyKind.Enter)), Is.True);
        Assert.That(submitted().Arguments, Is.Null);
        Assert.That(Shown(form), Does.Contain("that is something else: nothing was done"));
        Type(form, "2");
        Assert.That(form.Take(new Key(KeyKind.Enter)), Is.False);
        Assert.That((submitted().Arguments!["number"], submitted().Node), Is.EqualTo(((object)12L, "b")), "at the node that has it");
    }

    [Test]
    public void A_secret_does_not_show_and_is_what_was_typed()
    {
        (FormDialog form, Func<(Dictionary<string, object?>? Arguments, string Node)> submitted) = Open("token.login", Token);
        Type(form, "12ö€");
        form.Take(new Key(KeyKind.Backspace));
        Assert.That(Shown(form), Does.Contain("***").And.Not.Contains("12"));
        form.Take(new Key(KeyKind.Enter));
        Assert.That(submitted().Arguments!["pin"], Is.EqualTo(Encoding.UTF8.GetBytes("12ö")));
    }

    [Test]
    public void Only_the_credential_of_the_row_is_removed()
    {
        (FormDialog form, Func<(Dictionary<string, object?>? Arguments, string Node)> submitted) = Open("identity.remove", Credential);
        form.Take(new Key(KeyKind.Tab));
        Type(form, "www.example");
        form.Take(new Key(KeyKind.Enter));
        Assert.That(submitted().Arguments!["fingerprint"], Is.EqualTo(new string('a', Screen.FingerprintDigits)));
    }

    [Test]
    public void What_is_new_is_not_filled_in_from_the_row_and_has_to_be_there()
    {
        (FormDialog form, Func<(Dictionary<string, object?>? Arguments, string Node)> submitted) = Open("identity.add", Credential);
        Assert.That(Shown(form), Does.Not.Contain("www.example"));
        form.Take(new Key(KeyKind.Enter));
        Assert.That(Shown(form), Does.Contain("'identity' is missing"));
        Type(form, "new.example");
        form.Take(new Key(KeyKind.Tab));
        Type(form, "/no/such/file");
        form.Take(new Key(KeyKind.Tab));
        Type(form, "builtin:1");
        form.Take(new Key(KeyKind.Enter));
        Assert.That(Shown(form), Does.Contain("/no/such/file"));
        Assert.That(submitted().Arguments, Is.Null);
    }

    [Test]
    public void Every_action_has_a_screen_and_a_form_that_fits_the_smallest_terminal() => Assert.Multiple(() =>
    {
        foreach (Operation action in OperationCatalogue.All.Where(operation => operation.IsChange))
        {
            Screen[] screens = [.. ScreenTable.All.Where(screen => screen.Actions.Contains(action))];
            Assert.That(screens, Is.Not.Empty, action.Name);
            FormDialog form = new ActionForm(action, screens[0], null, "here").Open((_, _) => { });
            var canvas = new Canvas(30, 8);
            form.Draw(canvas);
            Assert.That(Enumerable.Range(0, 8).Count(row => canvas.Text(row).Contains("Enter does it", StringComparison.Ordinal)), Is.EqualTo(1), action.Name);
        }
    });

    private static (FormDialog Form, Func<(Dictionary<string, object?>? Arguments, string Node)> Submitted) Open(string name, Row row)
    {
        Operation action = OperationCatalogue.Find(name)!;
        Dictionary<string, object?>? arguments = null;
        string node = "";
        FormDialog form = new ActionForm(action, ScreenTable.All.First(screen => screen.Actions.Contains(action)), row, "a").Open((what, where) => (arguments, node) = (what, where));
        return (form, () => (arguments, node));
    }

    private static void Type(FormDialog form, string text)
    {
        foreach (Rune letter in text.EnumerateRunes())
            form.Take(new Key(KeyKind.Letter, letter));
    }

    private static string Shown(FormDialog form)
    {
        var canvas = new Canvas(80, 24);
        form.Draw(canvas);
        return string.Join('\n', Enumerable.Range(0, 24).Select(canvas.Text));
    }
}
