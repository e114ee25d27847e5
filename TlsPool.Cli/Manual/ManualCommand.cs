using System.CommandLine;
using TlsPool.Actors.Management;

namespace TlsPool.Cli.Manual;

/// <summary><c>tlspool manual</c>, for the build: writes the manual pages.</summary>
internal static class ManualCommand
{
    internal static Command Create()
    {
        var directory = new Argument<string>("directory") { Description = "where the pages go" };
        var command = new Command("manual", "write the manual pages") { directory };
        command.Hidden = true;
        return command.Does(result =>
        {
            string path = Path.GetFullPath(result.GetRequiredValue(directory));
            Directory.CreateDirectory(path);
            RoffPage[] pages = [.. new CommandPages(CommandTree.Create(), BuildFacts.Current).All(), ConfigurationPage.Create(BuildFacts.Current)];
            foreach (RoffPage page in pages)
                File.WriteAllText(Path.Combine(path, page.FileName), page.ToString());
            return 0;
        });
    }
}
