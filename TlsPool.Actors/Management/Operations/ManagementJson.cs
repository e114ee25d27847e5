using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using TlsPool.Actors.Management.Views;

namespace TlsPool.Actors.Management.Operations;

/// <summary>The JSON of all answers: the same for commands, HTTP and between programs.</summary>
public static class ManagementJson
{
    /// <summary>How values are written: as the web has them, in one line, with texts readable.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = ManagementJsonContext.Default,
        RespectNullableAnnotations = true,
    };

    /// <summary>What there is to know of a type of answers.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(Overview))]
[JsonSerializable(typeof(SessionView))]
[JsonSerializable(typeof(Page<Overview>))]
[JsonSerializable(typeof(Page<NodeSummary>))]
[JsonSerializable(typeof(Page<SessionView>))]
[JsonSerializable(typeof(Page<TokenView>))]
[JsonSerializable(typeof(Page<EntryView>))]
[JsonSerializable(typeof(Page<IdentityView>))]
[JsonSerializable(typeof(Page<DisclosureView>))]
[JsonSerializable(typeof(Page<AccessView>))]
[JsonSerializable(typeof(Page<AnchorView>))]
[JsonSerializable(typeof(Page<AuditView>))]
[JsonSerializable(typeof(Page<LogView>))]
internal sealed partial class ManagementJsonContext : JsonSerializerContext;
