using System.Globalization;
using TlsPool.Actors.Access;
using TlsPool.Actors.Disclosure;
using TlsPool.Actors.Hosting;
using TlsPool.Actors.Management.Access;
using TlsPool.Actors.Management.Views;
using TlsPool.Actors.Storage;
using TlsPool.Protocol.Identities;

namespace TlsPool.Actors.Management.Operations;

/// <summary>Disclosure rules and access rules.</summary>
internal static class RuleOperations
{
    private static readonly Parameter Remote = new("remote", ParameterKind.Text, "selector of remote identities") { IsRequired = true };

    internal static IReadOnlyList<Operation> All { get; } =
    [
        new("disclose.list", ManagementRole.Viewer, "disclosure rules: which local identity clients show to whom", ManagementJson.Of<Page<DisclosureView>>())
        {
            Scope = OperationScope.Policy,
            Parameters = [Paging.LimitParameter, Paging.AfterParameter],
            Run = call => call.Paging.Take(
                call.Services.NeededPolicy.Disclosure.List(out _).GroupBy(entry => entry.Remote).Select(group => DisclosureView.Of(group.Key, group)),
                view => new RowKey(0, view.Remote, "", 0),
                view => view),
        },
        new("disclose.add", ManagementRole.Admin, "say which local identities clients may show to whom", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters =
            [
                Remote,
                new("shows", ParameterKind.Text, "local identities, the preferred one first; - for nobody, ! to refuse applications") { IsRequired = true, IsList = true },
                new("first", ParameterKind.Flag, "put them before the entries that are there, not behind"),
            ],
            IsChange = true,
            Run = AddDisclosure,
        },
        new("disclose.remove", ManagementRole.Admin, "take a disclosure rule away, or entries of it", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters = [Remote, new("shows", ParameterKind.Text, "entries to take out; none for the whole rule") { IsList = true }],
            IsChange = true,
            Confirms = "remote",
            Run = RemoveDisclosure,
        },
        new("access.list", ManagementRole.Viewer, "access rules: which applications may use which local identity", ManagementJson.Of<Page<AccessView>>())
        {
            Scope = OperationScope.Policy,
            Parameters = [Paging.LimitParameter, Paging.AfterParameter],
            Run = call => call.Paging.Take(
                call.Services.NeededPolicy.Access.List(out _).Select(AccessView.Of), view => new RowKey(0, view.LocalId, "", view.Id), view => view),
        },
        new("access.add", ManagementRole.Admin, "let somebody use local identities, and nobody else: all conditions have to hold", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters =
            [
                new("local", ParameterKind.Text, "selector of local identities") { IsRequired = true },
                new("user", ParameterKind.Text, "user who may use them, by name or number"),
                new("group", ParameterKind.Text, "group whose members may, by name or number"),
                new("socket", ParameterKind.Text, "only through this socket of the pool"),
                new("role", ParameterKind.Text, "only as this") { Choices = IdentityRoleNames.All },
                new("service", ParameterKind.Text, "only for this service"),
                new("nobody", ParameterKind.Flag, "let nobody use them; takes no conditions"),
            ],
            IsChange = true,
            Run = AddAccess,
        },
        new("access.remove", ManagementRole.Admin, "take an access rule away", ManagementJson.Of<Done>())
        {
            Scope = OperationScope.Policy,
            Parameters = [new("rule", ParameterKind.Number, "number of the rule, as 'access list' has it") { IsRequired = true }],
            IsChange = true,
            Confirms = "rule",
            Run = RemoveAccess,
        },
    ];

    private static Done AddDisclosure(OperationCall call)
    {
        Selector remote = SelectorOf(call.Arguments.Needed("remote"));
        List<Disclosed> shown = [.. call.Arguments.List("shows").Select(DisclosedOf)];
        if (shown.Count == 0)
            throw OperationCall.Refuse(ManagementFault.BadRequest, "'shows' needs a local identity, - or !");
        PolicyStores policy = call.Services.NeededPolicy;
        string[] warnings =
        [
            .. shown.Select(one => one.Identity).OfType<DoNai>()
                .Where(identity => !policy.Identities.Find(identity).Any(credential => credential.Roles.HasFlag(IdentityRoles.Client)))
                .Select(identity => $"{identity} has no credential for clients yet"),
        ];
        int added = policy.Disclosure.Add(remote, shown, call.Arguments.Flag("first"));
        return new Done(
            call.Node, string.Create(CultureInfo.InvariantCulture, $"disclosure rule for {remote} shows {string.Join(", ", shown)}: {added} added"), warnings);
    }

    private static Done RemoveDisclosure(OperationCall call)
    {
        string remote = call.Arguments.Needed("remote");
        // A rule that is damaged has a text that is no selector, and is to go too.
        string key = Selector.TryParse(remote, out Selector? selector) ? selector.Key : remote;
        int removed = call.Services.NeededPolicy.Disclosure.Remove(key, [.. call.Arguments.List("shows").Select(DisclosedOf)]);
        return removed > 0
            ? new Done(call.Node, string.Create(CultureInfo.InvariantCulture, $"{removed} entries of the disclosure rule for {remote} removed"), [])
            : throw OperationCall.Refuse(ManagementFault.NotFound, "there is no such entry: see 'tlspool disclose list'");
    }

    private static Done AddAccess(OperationCall call)
    {
        Arguments arguments = call.Arguments;
        Selector localId = SelectorOf(arguments.Needed("local"));
        var rule = new AccessRule(
            Id: 0,
            localId,
            arguments.Text("user") is { } user ? Accounts.User(user).User : null,
            arguments.Text("group") is { } group ? Accounts.Group(group) : null,
            arguments.Text("socket") ?? "",
            arguments.Text("role") is { } role ? IdentityRoleNames.Read(role) : IdentityRoles.Both,
            arguments.Text("service") ?? "");
        if (arguments.Flag("nobody"))
        {
            if (rule != AccessRule.Closing(localId) with { Roles = IdentityRoles.Both })
                throw OperationCall.Refuse(ManagementFault.BadRequest, "'nobody' takes no conditions");
            rule = AccessRule.Closing(localId);
        }
        bool added = call.Services.NeededPolicy.Access.TryAdd(rule);
        return added
            ? new Done(call.Node, $"access rule added for {localId}: {rule}", [])
            : throw OperationCall.Refuse(ManagementFault.Conflict, $"{localId}: that rule is there already");
    }

    private static Done RemoveAccess(OperationCall call)
    {
        long number = call.Arguments.Number("rule")!.Value;
        return call.Services.NeededPolicy.Access.Remove([number]) > 0
            ? new Done(call.Node, string.Create(CultureInfo.InvariantCulture, $"access rule {number} removed"), [])
            : throw OperationCall.Refuse(ManagementFault.NotFound, "there is no such rule: see 'tlspool access list'");
    }

    private static Selector SelectorOf(string text) => Selector.TryParse(text, out Selector? selector)
        ? selector
        : throw OperationCall.Refuse(
            ManagementFault.BadRequest, $"'{text}' is no selector: domain, user@domain, @domain, .domain, @.domain, \".\" and \"@.\" are");

    private static Disclosed DisclosedOf(string text) => Disclosed.TryParse(text, out Disclosed? disclosed)
        ? disclosed
        : throw OperationCall.Refuse(ManagementFault.BadRequest, $"'{text}' is no identity: domain or user@domain is, - stands for nobody and ! for a refusal");
}
