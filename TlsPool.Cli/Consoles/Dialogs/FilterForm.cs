using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Consoles.Screens;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>What a list is narrowed by: what the node can filter by, and the node.</summary>
internal static class FilterForm
{
    /// <summary>The form; null if there is nothing to filter by.</summary>
    /// <param name="list">The list.</param>
    /// <param name="narrowed">Is told when it has been narrowed.</param>
    internal static FormDialog? Open(ListState list, Action narrowed)
    {
        List<ParameterField> parameters =
            [.. list.Screen.Filters.Select(parameter => new ParameterField(parameter, list.Filter.GetValueOrDefault(parameter.Name)?.ToString() ?? ""))];
        List<Field> fields = [.. parameters.Select(parameter => parameter.Field)];
        TextField? node = list.Screen.Operation.Scope == OperationScope.Policy ? null : new TextField("node", "of this node only (may be empty)", list.Node);
        if (node is not null)
            fields.Add(node);
        return fields.Count == 0 ? null : new FormDialog($"{list.Screen.Name}: show only those", "The node filters: also 100,000 are no trouble.", fields, () =>
        {
            var filter = new Dictionary<string, object?>();
            foreach (ParameterField parameter in parameters)
            {
                if (parameter.Value() is { } value)
                    filter[parameter.Name] = value;
            }
            list.Narrow(filter, node?.Text.Trim() ?? "");
            narrowed();
        });
    }
}
