using TlsPool.Actors.Access;
using TlsPool.Actors.Disclosure;

namespace TlsPool.Actors.Sessions;

/// <summary>The rules about local identities as they are now. Thread safe, never blocks.</summary>
public interface ILocalIdRules
{
    /// <summary>What clients show to whom.</summary>
    DisclosureRules Disclosure { get; }

    /// <summary>Which application may use what.</summary>
    AccessRules Access { get; }

    /// <summary>Stores a choice that a person made. The task does not fail: a choice that cannot be stored is logged.</summary>
    Task StoreAsync(DisclosureChange change);
}
