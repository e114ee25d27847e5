using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>Chromium without a window, led by its DevTools protocol: it is typed at, and looked at, as by a person.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _process;
    private readonly ClientWebSocket _socket = new();
    private readonly string _profile;
    private int _lastId;

    private Browser(ChildProcess process, string profile) => (_process, _profile) = (process, profile);

    internal static async Task<Browser> StartAsync()
    {
        string profile = Directory.CreateTempSubdirectory("tlspool-browser-").FullName;
        var process = ChildProcess.Start(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                $"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank",
            ]);
        var browser = new Browser(process, profile);
        string output = await process.WaitForAsync(text => ListeningAt().IsMatch(text));
        string port = ListeningAt().Match(output).Groups["port"].Value;
        using var http = new HttpClient();
        JsonNode pages = JsonNode.Parse(await http.GetStringAsync($"http://127.0.0.1:{port}/json/list"))!;
        string address = pages.AsArray().First(page => (string?)page!["type"] == "page")!["webSocketDebuggerUrl"]!.GetValue<string>();
        await browser._socket.ConnectAsync(new Uri(address), CancellationToken.None);
        return browser;
    }

    internal Task OpenAsync(string address) => SendAsync("Page.navigate", new JsonObject { ["url"] = address });

    /// <summary>Makes the window as large as a device.</summary>
    internal Task ResizeAsync(int width, int height, bool isPhone) => SendAsync(
        "Emulation.setDeviceMetricsOverride",
        new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = isPhone });

    internal Task SetSchemeAsync(string scheme) => SendAsync(
        "Emulation.setEmulatedMedia", new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }) });

    /// <summary>Presses a key.</summary>
    /// <param name="key">As <c>KeyboardEvent.key</c> names it.</param>
    internal async Task PressAsync(string key)
    {
        int code = key switch { "Tab" => 9, "Enter" => 13, "ArrowLeft" => 37, "ArrowUp" => 38, "ArrowRight" => 39, "ArrowDown" => 40, "End" => 35, "Home" => 36, _ => char.ToUpperInvariant(key[0]) };
        foreach (string type in new[] { "keyDown", "keyUp" })
        {
            var press = new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code };
            if (type == "keyDown" && key.Length == 1)
                press["text"] = key;
            if (type == "keyDown" && key == "Enter")
                press["text"] = "\r";
            await SendAsync("Input.dispatchKeyEvent", press);
        }
    }

    /// <summary>What an expression of JavaScript is in the page.</summary>
    internal async Task<string> AskAsync(string expression)
    {
        JsonNode answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = $"String({expression})", ["awaitPromise"] = true });
        return answer["result"]!["value"]?.GetValue<string>() ?? "";
    }

    /// <summary>Waits until an expression of JavaScript is what it should be.</summary>
    internal async Task WaitForAsync(string expression, string expected)
    {
        DateTime until = DateTime.UtcNow + Patience;
        string last = "";
        while (DateTime.UtcNow < until && !(last = await AskAsync(expression)).Contains(expected, StringComparison.Ordinal))
            await Task.Delay(100);
        Assert.That(last, Does.Contain(expected), expression);
    }

    /// <summary>Takes a picture of what is seen.</summary>
    internal async Task<byte[]> PictureAsync()
    {
        JsonNode answer = await SendAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" });
        return Convert.FromBase64String(answer["data"]!.GetValue<string>());
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _process.DisposeAsync();
        Directory.Delete(_profile, recursive: true);
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
    {
        int id = ++_lastId;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        while (true)
        {
            JsonNode answer = JsonNode.Parse(await ReceiveAsync())!;
            if ((int?)answer["id"] == id)
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer.ToJsonString(JsonSerializerOptions.Default)}");
        }
    }

    private async Task<byte[]> ReceiveAsync()
    {
        using var message = new MemoryStream();
        byte[] buffer = new byte[65536];
        while (true)
        {
            WebSocketReceiveResult part = await _socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return message.ToArray();
        }
    }

    [GeneratedRegex("DevTools listening on ws://127\\.0\\.0\\.1:(?<port>[0-9]+)/")]
    private static partial Regex ListeningAt();
}
