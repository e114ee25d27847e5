using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using TlsPool.Actors.Management.Operations;
using TlsPool.Actors.Management.Schemas;
using TlsPool.Tests.Documentation;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>The HTTP API: everything that its document says is there, for those who may.</summary>
[Parallelizable]
public sealed class HttpApiTests
{
    private HttpPool _http = null!;

    private static string DocumentFile => Path.Combine(DocumentationPage.Root, "docs", "openapi.json");

    [OneTimeSetUp]
    public async Task Start() => _http = await HttpPool.StartAsync();

    [OneTimeTearDown]
    public async Task Stop() => await _http.DisposeAsync();

    [Test]
    public async Task The_document_is_the_one_that_is_published() => Assert.That(
        await File.ReadAllTextAsync(DocumentFile),
        Is.EqualTo(Encoding.UTF8.GetString(OpenApiDocument.Utf8.Span) + "\n"),
        "tlspool schema > docs/openapi.json");

    [Test]
    public async Task All_that_only_looks_answers_as_the_document_says_both_ways()
    {
        string[] vera = await _http.CertificateAsync("vera@people.example");
        JsonNode document = JsonNode.Parse(OpenApiDocument.Utf8.Span)!;
        var cases = new List<string>();
        foreach ((string path, JsonNode? operation) in Paths(document, "get"))
        {
            string query = path.EndsWith("/session/show", StringComparison.Ordinal) ? "?number=999999" : "";
            foreach (CurlAnswer answer in new[] { await _http.AskAsync(path + query), await _http.AskOverTlsAsync(path + query, vera) })
            {
                Assert.That(answer.Status, Is.EqualTo(query.Length > 0 ? 404 : 200), $"{path}: {answer.Body}");
                if (path != "/metrics")
                    cases.Add(Case(path, document, operation!["responses"]![query.Length > 0 ? "default" : "200"]!, answer));
            }
        }
        Assert.That(cases, Has.Count.GreaterThan(20));
        await Python.ValidateAsync(cases);
    }

    [Test]
    public async Task All_that_changes_takes_a_POST_and_says_what_is_missing()
    {
        JsonNode document = JsonNode.Parse(OpenApiDocument.Utf8.Span)!;
        var cases = new List<string>();
        foreach ((string path, JsonNode? operation) in Paths(document, "post"))
        {
            JsonNode body = operation!["requestBody"]!["content"]!["application/json"]!["schema"]!;
            CurlAnswer answer = await _http.AskAsync(path, Post("{}"));
            Assert.That(answer.Status, Is.EqualTo(body["required"]!.AsArray().Count > 0 ? 400 : 409), $"{path}: {answer.Body}");
            Assert.That(answer.Problem, Is.Not.Empty);
            cases.Add(Case(path, document, operation["responses"]!["default"]!, answer));
        }
        Assert.That(cases, Has.Count.GreaterThan(10));
        await Python.ValidateAsync(cases);
    }

    [Test]
    public async Task Changes_are_made_audited_and_answered()
    {
        CurlAnswer answer = await _http.AskAsync("/api/v1/access/add", Post("""{"local":"closed.example","user":"root"}"""));
        Assert.That(answer.Status, Is.EqualTo(200), answer.Body);
        Assert.That(answer.Json.GetProperty("text").GetString(), Does.Contain("closed.example"));
        Assert.That((await _http.AskAsync("/api/v1/access/list")).Body, Does.Contain("closed.example"));
        Assert.That((await _http.AskAsync("/api/v1/access/add", Post("""{"local":"closed.example","user":"root"}"""))).Status, Is.EqualTo(409));
        await _http.Pool.WaitForAuditAsync("access rule added for closed.example", "--kind", "administration");
        // Lists in a query are repeated names, and numbers are numbers.
        Assert.That((await _http.AskAsync("/api/v1/log/list?level=info&limit=3")).Json.GetProperty("items").GetArrayLength(), Is.EqualTo(3));
        Assert.That((await _http.AskAsync($"/api/v1/session/list?node={Environment.MachineName}")).Status, Is.EqualTo(200));
        Assert.That((await _http.AskAsync("/api/v1/session/list?node=elsewhere")).Problem, Does.Contain("no node 'elsewhere'"));
    }

    [Test]
    public async Task What_one_may_depends_on_the_user_of_the_process()
    {
        string[] level = Post("""{"level":"debug"}""");
        foreach ((int uid, int look, int run, int change) in new[] { (HttpPool.Nobody, 403, 403, 403), (HttpPool.Viewer, 200, 403, 403), (HttpPool.Operator, 200, 200, 403) })
        {
            Assert.That((await _http.AskAsAsync(uid, "/api/v1/node/overview")).Status, Is.EqualTo(look), $"uid {uid}");
            Assert.That((await _http.AskAsAsync(uid, "/metrics")).Status, Is.EqualTo(look), $"uid {uid}");
            Assert.That((await _http.AskAsAsync(uid, "/api/v1/log/level", level)).Status, Is.EqualTo(run), $"uid {uid}");
            Assert.That((await _http.AskAsAsync(uid, "/api/v1/trust/remove", Post("""{"fingerprint":"00000000"}"""))).Status, Is.EqualTo(change), $"uid {uid}");
            foreach (string open in new[] { "/healthz", "/readyz", "/", OpenApiDocument.Path, OpenApiDocument.SelfPath })
                Assert.That((await _http.AskAsAsync(uid, open)).Status, Is.EqualTo(200), $"uid {uid}: {open}");
        }
        Assert.That((await _http.AskAsAsync(HttpPool.Viewer, "/api/v1/log/level", level)).Problem, Does.Contain("takes the role operator, and uid 1 has viewer: see manage_allow"));
        Assert.That((await _http.AskAsAsync(HttpPool.Viewer, OpenApiDocument.SelfPath)).Json.GetProperty("role").GetString(), Is.EqualTo("viewer"));
        await _http.Pool.WaitForAuditAsync("log.level takes the role operator, by uid 1", "--kind", "administration", "--decision", "refused");
        Assert.That((await _http.AskAsAsync(HttpPool.Nobody, "/metrics")).Problem, Does.Contain("/metrics takes the role viewer, and uid 65534 has none"));
        await _http.Pool.WaitForAuditAsync("/metrics takes the role viewer, by uid 65534", "--kind", "administration", "--decision", "refused");
    }

    [Test]
    public async Task What_one_may_depends_on_the_certificate()
    {
        string[] vera = await _http.CertificateAsync("vera@people.example");
        string[] ada = await _http.CertificateAsync("ada@people.example");
        string[] stranger = await _http.CertificateAsync("stranger@people.example");
        string[] body = Post("""{"fingerprint":"00000000"}""");
        Assert.That((await _http.AskOverTlsAsync("/api/v1/session/list", vera)).Status, Is.EqualTo(200));
        Assert.That((await _http.AskOverTlsAsync("/api/v1/trust/remove", [.. vera, .. body])).Status, Is.EqualTo(403));
        Assert.That((await _http.AskOverTlsAsync("/api/v1/trust/remove", [.. ada, .. body])).Problem, Does.Contain("no such trust anchor"));
        Assert.That((await _http.AskOverTlsAsync("/api/v1/session/list", stranger)).Problem, Does.Contain("stranger@people.example has none"));
        CurlAnswer nobody = await _http.AskOverTlsAsync("/api/v1/session/list");
        Assert.That((nobody.Status, nobody.Problem), Is.EqualTo((401, "show a certificate that the pool trusts: who one is decides what one may")));
        Assert.That(nobody.Headers, Does.Contain("WWW-Authenticate: ClientCertificate"));
        Assert.That((await _http.AskOverTlsAsync("/metrics")).Status, Is.EqualTo(401));
        Assert.That((await _http.AskOverTlsAsync("/healthz")).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task Certificates_that_are_foreign_or_have_expired_do_not_come_in()
    {
        string[] expired = await _http.CertificateAsync("vera.old@people.example", days: -1);
        var foreign = new Openssl(_http.Openssl.PathOf("foreign"));
        await foreign.MakeAuthorityAsync();
        (string certificate, string key) = await foreign.IssueAsync("vera@people.example", "subjectAltName=email:vera@people.example\nextendedKeyUsage=clientAuth");
        foreach (string[] shown in new[] { expired, ["--cert", certificate, "--key", key] })
        {
            (int code, string output) = await _http.TryOverTlsAsync("/healthz", shown);
            Assert.That(code, Is.Not.Zero, output);
            Assert.That(output, Does.Not.Contain("alive"));
        }
        await _http.Pool.WaitForLogAsync("the certificate of \"CN=vera.old@people.example\" expired at");
    }

    [Test]
    public async Task Commands_write_JSON_as_the_schemas_say()
    {
        var cases = new List<string>();
        foreach (string name in new[] { "node.overview", "node.list", "session.list", "token.list", "entry.list", "log.list" })
        {
            JsonNode schema = AnswerSchema.Of(OperationCatalogue.Find(name)!);
            JsonNode answer = JsonNode.Parse(await _http.Pool.RunAsync([.. name.Split('.'), "--json"]))!;
            cases.Add(new JsonArray(name, schema, answer).ToJsonString());
        }
        // Commands that read the database themselves write the rows alone.
        foreach (string name in new[] { "identity.list", "trust.list" })
        {
            JsonNode schema = AnswerSchema.Of(OperationCatalogue.Find(name)!)["properties"]!["items"]!.DeepClone();
            JsonNode answer = JsonNode.Parse(await _http.Pool.RunAsync([.. name.Split('.'), "--json"]))!;
            cases.Add(new JsonArray(name, schema, answer).ToJsonString());
        }
        await Python.ValidateAsync(cases);
        Assert.That(JsonNode.DeepEquals(JsonNode.Parse(await _http.Pool.RunAsync("schema", "node.list")), AnswerSchema.Of(OperationCatalogue.Find("node.list")!)), Is.True);
        (int code, string output) = await _http.Pool.TryAsync("schema", "no.such");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("there is no operation 'no.such': node.overview, "));
    }

    private static string[] Post(string body) => ["-X", "POST", "-H", "Content-Type: application/json", "--data-binary", body];

    private static IEnumerable<(string Path, JsonNode? Operation)> Paths(JsonNode document, string method) =>
        document["paths"]!.AsObject().Where(path => path.Value![method] is not null).Select(path => (path.Key, path.Value![method]));

    private static string Case(string path, JsonNode document, JsonNode response, CurlAnswer answer)
    {
        KeyValuePair<string, JsonNode?> content = response["content"]!.AsObject().Single();
        Assert.That(answer.Headers, Does.Contain($"Content-Type: {content.Key}"), path);
        JsonObject schema = content.Value!["schema"]!.DeepClone().AsObject();
        schema["components"] = document["components"]!.DeepClone();
        return new JsonArray(path, schema, JsonNode.Parse(answer.Body)).ToJsonString();
    }
}
