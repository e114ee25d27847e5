using System.Text.Json;
using System.Text.Json.Serialization;
using TlsPool.Actors.Http.Endpoints;

namespace TlsPool.Actors.Http;

/// <summary>JSON that only HTTP has.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HttpProblem))]
[JsonSerializable(typeof(ReadinessView))]
[JsonSerializable(typeof(CallerView))]
internal sealed partial class HttpJson : JsonSerializerContext;
