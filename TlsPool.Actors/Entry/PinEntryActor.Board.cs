using Akka.Actor;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Actors.Entry;

/// <content>What those see who look on: tokens that wait, and the program. After each message, as each may change it.</content>
internal sealed partial class PinEntryActor
{
    protected override bool AroundReceive(Receive receive, object message)
    {
        bool handled = base.AroundReceive(receive, message);
        _board.Pins = Picture();
        return handled;
    }

    private List<EntryView> Picture()
    {
        var picture = new List<EntryView>();
        if (_open?.Wish is { } asked)
            picture.Add(View(asked, "asked"));
        picture.AddRange(_wishes.Select(wish => View(wish, "waiting")));
        if (_connection is not null)
            picture.Add(EntryBoard.Program("pin-program", _program, _open is null ? "offering" : "asked", "enters PINs"));
        return picture;
    }

    private EntryView View(Wish wish, string state) => new("", "pin-request", wish.Ask.Label, state, $"{wish.Ask.Prompt}{At(wish.Token)}", null, null);
}
