using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Remoting;
using TlsPool.Cli.Consoles.Dialogs;
using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles;

/// <summary>What the console shows, and what keys do to it. All of it happens on one thread, which waits for nothing.</summary>
internal sealed class ConsoleModel
{
    private readonly NodeLink _link;
    private readonly ListReader _reader;
    private readonly ActionRunner _runner;
    private readonly ListState[] _lists;
    private readonly List<IDialog> _dialogs = [];
    private int _current;
    private Greeting? _greeting;

    /// <summary>Makes one.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="settings">What the console was started with.</param>
    /// <param name="post">Has something done on the console's own thread.</param>
    internal ConsoleModel(NodeLink link, ConsoleSettings settings, Action<Action> post)
    {
        _link = link;
        _reader = new ListReader(link, post, settings.Refresh);
        _runner = new ActionRunner(link, post, Tell);
        _lists = [.. ScreenTable.All.Select(screen => new ListState(screen, settings.Node))];
        _current = settings.Screen;
        Refresh = settings.Refresh;
    }

    /// <summary>How old what is shown becomes before the node is asked again.</summary>
    internal TimeSpan Refresh { get; }

    /// <summary>How the connection is.</summary>
    internal LinkState Link => _link.State;

    /// <summary>The list that is shown.</summary>
    internal ListState List => _lists[_current];

    /// <summary>Since when an answer is waited for; null if none is.</summary>
    internal DateTimeOffset? Asked => _reader.Asked;

    /// <summary>What is in front, the last one foremost.</summary>
    internal IReadOnlyList<IDialog> Dialogs => _dialogs;

    /// <summary>What became of the last key, and how to take it; empty for nothing.</summary>
    internal (string Text, Tone Tone) Message { get; private set; } = ("", Tone.Plain);

    /// <summary>True once somebody wants to leave.</summary>
    internal bool IsOver { get; private set; }

    /// <summary>Rows that the terminal has room for.</summary>
    internal int Room { get; private set; } = 20;

    /// <summary>The terminal has another size.</summary>
    internal void Resize(int rows)
    {
        int room = ConsoleView.RoomFor(rows);
        if (room == Room)
            return;
        Room = room;
        _reader.Ask(List, Room);
    }

    /// <summary>Time has passed, or the connection has changed.</summary>
    internal void Tick()
    {
        LinkState link = Link;
        // Each connection has a greeting of its own, though it may say the same.
        bool isNew = link.IsConnected && !ReferenceEquals(link.Greeting, _greeting);
        _greeting = link.Greeting;
        if (isNew)
            _reader.AskAnew(List, Room);
        else
            _reader.Tick(List, Room);
    }

    /// <summary>Ends it.</summary>
    internal void Leave() => IsOver = true;

    /// <summary>Takes a key.</summary>
    internal void Take(Key key)
    {
        Message = ("", Tone.Plain);
        if (_dialogs.Count > 0)
        {
            IDialog front = _dialogs[^1];
            if (!front.Take(key))
                _dialogs.Remove(front);
            return;
        }
        switch (key.Kind)
        {
            case KeyKind.Letter:
                TakeLetter((char)Math.Min(key.Letter.Value, char.MaxValue));
                break;
            case KeyKind.Tab:
                Open((_current + 1) % _lists.Length);
                break;
            case KeyKind.BackTab:
                Open((_current + _lists.Length - 1) % _lists.Length);
                break;
            case KeyKind.Down:
                Move(1);
                break;
            case KeyKind.Up:
                Move(-1);
                break;
            case KeyKind.PageDown or KeyKind.Right:
                GoOn();
                break;
            case KeyKind.PageUp or KeyKind.Left:
                GoBack();
                break;
            case KeyKind.Home:
                List.GoHome();
                Ask();
                break;
            case KeyKind.End:
                List.Move(int.MaxValue / 2);
                break;
            case KeyKind.Enter when List.Row is { } row:
                _dialogs.Add(new TextDialog($"{List.Screen.Name}: {row.Key.Replace('\n', ' ')}", () => [.. Latest(row).Members()]));
                break;
            case KeyKind.Escape when List.IsFiltered:
                List.Narrow(new Dictionary<string, object?>(), "");
                Ask();
                break;
        }
    }

    private void TakeLetter(char letter)
    {
        int screen = Array.FindIndex(_lists, list => list.Screen.Letter == letter);
        switch (letter)
        {
            case var _ when screen >= 0:
                Open(screen);
                break;
            case 'q':
                Leave();
                break;
            case '?' or 'h':
                _dialogs.Add(new TextDialog("Help", () => Help.For(List.Screen)));
                break;
            case 'n':
                GoOn();
                break;
            case 'p':
                GoBack();
                break;
            case 'j':
                Move(1);
                break;
            case 'k':
                Move(-1);
                break;
            case 'r':
                _link.Hurry();
                Ask();
                break;
            case 's' when List.Reorder():
                Ask();
                break;
            case 's':
                Tell("this list has one order only", Tone.Warning);
                break;
            case '/' when FilterForm.Open(List, Ask) is { } form:
                _dialogs.Add(form);
                break;
            case '/':
                Tell("this list has no filter", Tone.Warning);
                break;
            case 'a':
                OpenActions();
                break;
            default:
                Tell("? shows what the keys do", Tone.Faint);
                break;
        }
    }

    private void Open(int screen)
    {
        _current = screen;
        Ask();
    }

    private void Move(int rows)
    {
        if (List.Move(rows))
            return;
        if (rows > 0 && List.HasNext)
            GoOn();
        else if (rows < 0 && List.Part > 1)
            GoBack();
    }

    private void GoOn()
    {
        if (List.GoOn())
            Ask();
        else
            Tell("there is nothing behind this", Tone.Faint);
    }

    private void GoBack()
    {
        if (List.GoBack())
            Ask();
        else
            Tell("this is the beginning", Tone.Faint);
    }

    private void Ask() => _reader.Ask(List, Room);

    private void Tell(string text, Tone tone) => Message = (text, tone);

    private Row Latest(Row row) => List.Rows.FirstOrDefault(one => one.Key == row.Key) ?? row;

    private void OpenActions()
    {
        Screen screen = List.Screen;
        Row? row = List.Row;
        if (screen.Actions.Count == 0)
        {
            Tell("there is nothing to be done here: it is to be seen only", Tone.Warning);
            return;
        }
        var letters = new HashSet<char>();
        MenuEntry[] entries = [.. screen.Actions.Select(action => Entry(action, row, action.Verb.First(letters.Add)))];
        string title = row is null ? screen.Name : $"{screen.Name}: {row.Key.Replace('\n', ' ')}";
        _dialogs.Add(new MenuDialog(title, entries, chosen => OpenForm(screen, screen.Actions[chosen], row)));
    }

    private MenuEntry Entry(Operation action, Row? row, char letter)
    {
        string role = action.Role.ToString().ToLowerInvariant();
        (string refusal, string brief) =
            Link.Greeting is { } greeting && RoleOf(greeting) < action.Role
                ? ($"{action.Noun} {action.Verb} takes the role {role}, and {greeting.Principal} has {greeting.Role}: see manage_allow", $"takes {role}")
            : row is null && Screen.IsAboutRow(action) ? ("there is no row to do that to", "no row")
            : ("", "");
        return new MenuEntry(letter, action.Verb, $"{action.Summary} (role: {role})", refusal, brief);
    }

    private void OpenForm(Screen screen, Operation action, Row? row)
    {
        FormDialog form = new ActionForm(action, screen, row, Link.Greeting?.Node ?? "").Open((arguments, node) =>
        {
            Tell($"{action.Noun} {action.Verb}: asked ...", Tone.Faint);
            _ = _runner.RunAsync(action, arguments, node, Ask);
        });
        _dialogs.Add(form);
    }

    private static ManagementRole RoleOf(Greeting greeting) =>
        Enum.TryParse(greeting.Role, ignoreCase: true, out ManagementRole role) ? role : ManagementRole.None;
}
