using NUnit.Framework;
using TlsPool.Tests.Processes;

namespace TlsPool.Tests.Scenarios.Http;

/// <summary>Programs of others that judge what the pool writes.</summary>
internal static class Python
{
    // Each line of the input is a schema and something that should be of it.
    private const string Validator = """
        import json, sys
        from jsonschema import Draft202012Validator
        for line in sys.stdin:
            name, schema, instance = json.loads(line)
            Draft202012Validator.check_schema(schema)
            for error in Draft202012Validator(schema).iter_errors(instance):
                print(name, list(error.absolute_path), error.message)
        """;

    private const string PrometheusParser = """
        import json, sys
        from prometheus_client.parser import text_string_to_metric_families
        print(json.dumps([[family.type, sample.name, sample.labels, sample.value]
            for family in text_string_to_metric_families(sys.stdin.read()) for sample in family.samples]))
        """;

    /// <summary>Checks values against JSON Schemas; all have to be right.</summary>
    /// <param name="cases">Lines of JSON: a name, a schema, a value.</param>
    internal static async Task ValidateAsync(IEnumerable<string> cases) => Assert.That(await RunAsync(Validator, string.Join('\n', cases)), Is.Empty);

    /// <summary>Parses the text of Prometheus.</summary>
    /// <returns>JSON: type, name, labels and value of each sample.</returns>
    internal static Task<string> ParseMetricsAsync(string text) => RunAsync(PrometheusParser, text);

    private static async Task<string> RunAsync(string script, string input)
    {
        (int code, string output) = await ChildProcess.RunAsync("/usr/bin/python3", ["-c", script], input: input);
        Assert.That(code, Is.Zero, output);
        return output;
    }
}
