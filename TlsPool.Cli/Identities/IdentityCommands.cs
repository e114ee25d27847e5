using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Storage;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity</c>: who the pool can be.</summary>
internal static class IdentityCommands
{
    internal static Command Create() => new("identity", "local identities: who the pool can be")
    {
        IdentityGenerateCommand.Create(),
        IdentityAddCommand.Create(),
        IdentityListCommand.Create(),
        IdentityShowCommand.Create(),
        IdentityRemoveCommand.Create(),
        IdentityKeysCommand.Create(),
        IdentityRemoveKeyCommand.Create(),
    };

    internal static Argument<string> IdentityArgument() => new("identity")
    {
        Description = "domain or user@domain",
    };

    internal static Option<IdentityRoles> RoleOption()
    {
        var option = new Option<IdentityRoles>("--role")
        {
            Description = "where it may be used: server, client or both",
            DefaultValueFactory = _ => IdentityRoles.Both,
            CustomParser = result => ParseRole(result.Tokens[0].Value, result.AddError),
        };
        option.HelpName = "server|client|both";
        option.CompletionSources.Clear();
        option.CompletionSources.Add("server", "client", "both");
        return option;
    }

    internal static DoNai ParseIdentity(string text) => DoNai.TryParse(text, out DoNai? identity)
        ? identity
        : throw new CommandException($"'{text}' is no identity: domain or user@domain is");

    internal static string ShortFingerprint(StoredIdentity identity) => Convert.ToHexStringLower(identity.Fingerprint.Span[..8]);

    internal static string Validity(StoredIdentity identity, DateTimeOffset now)
    {
        string until = identity.NotAfter.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return now > identity.NotAfter ? $"EXPIRED {until}"
            : now < identity.NotBefore ? $"not before {identity.NotBefore.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}"
            : $"until {until}";
    }

    private static IdentityRoles ParseRole(string text, Action<string> addError)
    {
        IdentityRoles roles = IdentityRoleNames.Read(text);
        if (roles == IdentityRoles.None)
            addError("--role takes server, client or both");
        return roles;
    }
}
