using TlsPool.Actors.Management;

namespace TlsPool.Cli.Manual;

/// <summary>The manual page of the configuration, which is its page of the documentation.</summary>
internal static class ConfigurationPage
{
    internal static RoffPage Create(BuildFacts build)
    {
        var page = new RoffPage("tlspool.conf", 5, build);
        page.Heading("Name").Text("tlspool.conf \\- configuration of the TLS Pool").Heading("Description");
        MarkdownSource.AddTo(page, EmbeddedText.Read("configuration.md"));
        return page.Heading("See also").Text($"{RoffText.Reference("tlspool", 8)}, {RoffText.Reference("tlspool-tunnel", 8)}");
    }
}
