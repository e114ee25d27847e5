using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>
/// What an action needs to know: what the selected row says is filled in, the rest is asked for, and what cannot be undone has to be typed.
/// </summary>
internal sealed class ActionForm
{
    private readonly Operation _action;
    private readonly List<ParameterField> _parameters;
    private readonly Field? _node;
    private readonly TextField? _confirmation;

    /// <summary>Makes one.</summary>
    /// <param name="action">The action.</param>
    /// <param name="screen">The screen that it is on.</param>
    /// <param name="row">The selected row; null for none.</param>
    /// <param name="node">The node that is asked where the row says nothing else.</param>
    internal ActionForm(Operation action, Screen screen, Row? row, string node)
    {
        _action = action;
        Row? about = Screen.IsAboutRow(action) ? row : null;
        _parameters = [.. action.Parameters.Select(parameter => about is not null && screen.ValueFor(parameter, about) is { } value
            ? parameter.IsRequired ? ParameterField.Fixed(parameter, value) : new ParameterField(parameter, value)
            : new ParameterField(parameter))];
        if (action.Scope == OperationScope.Node)
        {
            string where = row?.Text("node") is { Length: > 0 } named ? named : node;
            _node = about is not null ? new FixedField("node", where) : new TextField("node", "the node that is to do it", where);
        }
        if (action.Confirms is { } confirmed)
        {
            Field field = _parameters.First(parameter => parameter.Name == confirmed).Field;
            string what = field.IsOpen ? $"what is in '{confirmed}'" : field.Text;
            _confirmation = new TextField("confirm", $"this cannot be undone: type {what} once more to do it");
        }
    }

    /// <summary>The form.</summary>
    /// <param name="submit">Does the action, with these arguments, at this node.</param>
    internal FormDialog Open(Action<Dictionary<string, object?>, string> submit)
    {
        List<Field> fields = [.. _parameters.Select(parameter => parameter.Field)];
        fields.AddRange(new[] { _node, _confirmation }.OfType<Field>());
        return new FormDialog($"{_action.Noun} {_action.Verb}", Wrapping.Sentence(_action.Summary), fields, () => submit(Arguments(), _node?.Text.Trim() ?? ""));
    }

    private Dictionary<string, object?> Arguments()
    {
        // Before secrets are copied.
        if (_confirmation is not null && _confirmation.Text.Trim() != _parameters.First(parameter => parameter.Name == _action.Confirms).Field.Text.Trim())
            throw new FieldException(_confirmation, "that is something else: nothing was done");
        return _parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value());
    }
}
