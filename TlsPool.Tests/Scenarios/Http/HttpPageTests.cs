using System.Net.Sockets;
using NUnit.Framework;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.Frames;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>The page, as people use it: through a tunnel that shows who they are, at a desk, on a phone, and with the keyboard alone.</summary>
[Parallelizable]
public sealed class HttpPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private HttpPool _http = null!;
    private TunnelProcess _tunnel = null!;
    private TlsPoolClient _client = null!;
    private readonly List<TlsSession> _sessions = [];
    private Browser _browser = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _http = await HttpPool.StartAsync();
        await _http.Pool.IdentityAsync("vera@people.example", "--role", "client");
        _client = _http.Pool.Client();
        for (int i = 0; i < 3; i++)
        {
            (Socket near, Socket far) = RawApplication.TcpPair();
            Task<TlsSession> serving = _client.StartTlsAsync(near, StartTlsOptions.Server(HttpPool.Name, StartTlsFlags.IgnoreRemoteId));
            _sessions.Add(await _client.StartTlsAsync(far, StartTlsOptions.Client(HttpPool.Name)).WaitAsync(Patience));
            _sessions.Add(await serving.WaitAsync(Patience));
        }
        _tunnel = await _http.Pool.TunnelAsync("--client", "--connect", $"127.0.0.1:{_http.Port}", "--remote-id", HttpPool.Name, "--local-id", "vera@people.example");
        _browser = await Browser.StartAsync();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _browser.DisposeAsync();
        await _tunnel.DisposeAsync();
        _sessions.ForEach(session => session.Dispose());
        await _client.DisposeAsync();
        await _http.DisposeAsync();
    }

    [SetUp]
    public async Task Open()
    {
        await _browser.ResizeAsync(1200, 900, isPhone: false);
        await _browser.OpenAsync($"http://{_tunnel.Address}/");
        await _browser.WaitForAsync("document.querySelectorAll('#sessions tbody tr').length > 5 && document.getElementById('fresh').textContent", "Live");
    }

    [Test]
    public async Task It_shows_the_node_the_charts_and_who_one_is()
    {
        Assert.That(await _browser.AskAsync("document.getElementById('who').textContent"), Is.EqualTo($"{Environment.MachineName}: you are vera@people.example, role viewer"));
        Assert.That(await _browser.AskAsync("document.getElementById('nodes').innerText"), Does.Contain("Handshakes").And.Contains("1 of 1 ready"));
        await _browser.WaitForAsync("document.querySelectorAll('svg polyline').length", "3");
        Assert.That(await _browser.AskAsync("document.getElementById('sessions-chart').getAttribute('aria-label')"), Does.Contain(" now, "));
        await _browser.AskAsync("(document.querySelector('[name=identity]').value = 'no such identity', document.querySelector('[name=identity]').dispatchEvent(new Event('input', { bubbles: true })))");
        await _browser.WaitForAsync("document.getElementById('sessions').innerText", "0 in all");
    }

    [Test]
    public async Task The_keyboard_is_enough()
    {
        await _browser.PressAsync("Tab");
        Assert.That(await FocusedAsync(), Is.EqualTo("Skip to the content"));
        await _browser.PressAsync("Enter");
        Assert.That(await _browser.AskAsync("document.activeElement.id"), Is.EqualTo("main"));
        await _browser.PressAsync("Tab");
        Assert.That(await FocusedAsync(), Is.EqualTo("Sessions"));
        foreach ((string key, string tab) in new[] { ("ArrowRight", "Tokens"), ("ArrowRight", "Identities"), ("End", "PINs"), ("ArrowRight", "Sessions"), ("ArrowLeft", "PINs"), ("Home", "Sessions"), ("ArrowRight", "Tokens"), ("ArrowRight", "Identities") })
        {
            await _browser.PressAsync(key);
            Assert.That(await FocusedAsync(), Is.EqualTo(tab));
            Assert.That(await _browser.AskAsync("document.querySelectorAll('[role=tabpanel]:not([hidden])').length"), Is.EqualTo("1"));
        }
        await _browser.WaitForAsync("document.getElementById('identities').innerText", HttpPool.Name);
        await _browser.PressAsync("Home");
        await _browser.WaitForAsync("document.querySelectorAll('#sessions tbody tr').length > 5", "true");
        // The panel, the three fields of the filter, and the rows, of which one takes part.
        for (int i = 0; i < 5; i++)
            await _browser.PressAsync("Tab");
        Assert.That(await RowAsync(), Is.EqualTo("0"));
        await _browser.PressAsync("ArrowDown");
        await _browser.PressAsync("ArrowDown");
        Assert.That(await RowAsync(), Is.EqualTo("2"));
        Assert.That(await _browser.AskAsync("getComputedStyle(document.activeElement).outlineStyle"), Is.EqualTo("solid"), "one sees where one is");
        await _browser.AskAsync("new Promise(done => setTimeout(done, 2500))");
        Assert.That(await RowAsync(), Is.EqualTo("2"), "fetching the list again moves nobody");
    }

    [Test]
    public async Task A_phone_needs_no_scrolling_sideways()
    {
        await _browser.ResizeAsync(360, 740, isPhone: true);
        foreach (string tab in new[] { "sessions", "tokens", "identities", "entries" })
        {
            await _browser.AskAsync($"document.getElementById('tab-{tab}').click()");
            await _browser.WaitForAsync($"document.querySelectorAll('#{tab} table').length", "1");
            Assert.That(await _browser.AskAsync("document.documentElement.scrollWidth"), Is.EqualTo("360"), tab);
            Assert.That(
                await _browser.AskAsync("[...document.querySelectorAll('body *')].filter(one => !one.closest('.skip, thead')).map(one => one.getBoundingClientRect()).filter(place => place.right > 0 && (place.left < 0 || place.right > 360)).length"),
                Is.EqualTo("0"), $"{tab}: nothing is cut off");
        }
        Assert.That(
            await _browser.AskAsync("[...document.querySelectorAll('button, input, select')].filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 44).length"),
            Is.EqualTo("0"), "fingers hit what there is to press");
    }

    [Test]
    public async Task Everything_has_a_name_and_enough_contrast_in_the_dark_as_well()
    {
        foreach (string scheme in new[] { "light", "dark" })
        {
            await _browser.SetSchemeAsync(scheme);
            Assert.That(double.Parse(await _browser.AskAsync(Contrast), System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(4.5), scheme);
        }
        Assert.That(
            await _browser.AskAsync("[...document.querySelectorAll('input, select')].filter(field => !field.labels.length).length + document.querySelectorAll('svg:not([aria-label])').length"),
            Is.EqualTo("0"));
    }

    [Test]
    public async Task It_says_since_when_it_is_old()
    {
        _http.Pool.Daemon.Signal("STOP");
        try
        {
            await _browser.WaitForAsync("document.getElementById('fresh').textContent", "Old: the node has not answered since ");
        }
        finally
        {
            _http.Pool.Daemon.Signal("CONT");
        }
        await _browser.WaitForAsync("document.getElementById('fresh').textContent", "Live");
    }

    [Test]
    public async Task Who_has_no_role_is_told_so()
    {
        await using TunnelProcess tunnel = await _http.Pool.TunnelAsync("--client", "--connect", $"127.0.0.1:{_http.Port}", "--remote-id", HttpPool.Name);
        await _browser.OpenAsync($"http://{tunnel.Address}/");
        await _browser.WaitForAsync("document.getElementById('notice')?.textContent", "show a certificate that the pool trusts");
        Assert.That(await _browser.AskAsync("document.getElementById('who').textContent"), Does.Contain("you are nobody, role none"));
    }

    // The least of all texts that are seen (WCAG 2.2, 1.4.3).
    private const string Contrast = """
        (() => {
          const light = colour => { const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ground = one => { for (; one; one = one.parentElement) { const colour = getComputedStyle(one).backgroundColor; if (!colour.startsWith("rgba(0, 0, 0, 0")) return colour; } return "rgb(255, 255, 255)"; };
          return Math.min(...[...document.querySelectorAll("body *")].filter(one => one.checkVisibility() && !one.disabled && [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim())).map(one => {
            const [a, b] = [light(getComputedStyle(one).color), light(ground(one))]; return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
          }));
        })()
        """;

    private Task<string> FocusedAsync() => _browser.AskAsync("document.activeElement.textContent.trim()");

    private Task<string> RowAsync() => _browser.AskAsync("[...document.querySelectorAll('#sessions tbody tr')].indexOf(document.activeElement)");
}
