using TlsPool.Actors.Access;
using TlsPool.Actors.Disclosure;

namespace TlsPool.Actors.Sessions;

/// <summary>No rules: everything is as the application suggests, and open to whoever may open the socket.</summary>
internal sealed class NoLocalIdRules : ILocalIdRules
{
    public DisclosureRules Disclosure => DisclosureRules.Empty;

    public AccessRules Access => AccessRules.Empty;

    public Task StoreAsync(DisclosureChange change) => Task.CompletedTask;
}
