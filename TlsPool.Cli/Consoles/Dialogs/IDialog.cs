using TlsPool.Cli.Consoles.Drawing;
using TlsPool.Cli.Consoles.Input;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>Something in front of a screen that gets all keys until it is over.</summary>
internal interface IDialog
{
    /// <summary>Draws it over what is there.</summary>
    void Draw(Canvas canvas);

    /// <summary>Takes a key.</summary>
    /// <returns>False if it is over.</returns>
    bool Take(Key key);
}
