namespace TlsPool.Cli.LocalIds;

/// <summary>How <c>tlspool localid --auto</c> decides.</summary>
internal enum AutoPolicy
{
    /// <summary>The first of what is stored, suggested and offered.</summary>
    First,

    /// <summary>The only one of these; nothing is guessed.</summary>
    Only,

    /// <summary>Whom the disclosure rules say; not without a rule.</summary>
    Rule,

    /// <summary>Nobody.</summary>
    None,

    /// <summary>Sessions are refused.</summary>
    Refuse,
}
