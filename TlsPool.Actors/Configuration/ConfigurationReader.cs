using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace TlsPool.Actors.Configuration;

/// <summary>
/// Reads <c>keyword value</c> files (configuration.md): exactly one space between the two, <c>#</c> starts a comment, lines up to 512
/// bytes. Environment variables <c>TLSPOOL_</c> + keyword in capitals override the file.
/// </summary>
public sealed class ConfigurationReader
{
    /// <summary>The file read where nobody names another.</summary>
    public const string DefaultPath = "/etc/tlspool.conf";

    /// <summary>Environment variable with another file's name.</summary>
    public const string PathVariable = "TLSPOOL_CONFIG_FILE";

    private const string Prefix = "TLSPOOL_";
    private const int MaxLine = 512;
    private const int MaxFile = 1 << 20;

    private readonly List<string> _warnings = [];

    private ConfigurationReader()
    {
    }

    /// <summary>What the reader found odd but could live with; each names file and line.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">The file; null for the environment's or the default one, which may be missing.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="warnings">Receives what is odd.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or a value is not allowed.</exception>
    public static PoolConfiguration Load(string? path, IDictionary environment, out IReadOnlyList<string> warnings)
    {
        string file = path ?? environment[PathVariable] as string ?? DefaultPath;
        bool optional = path is null && environment[PathVariable] is null;
        byte[] content = [];
        if (!optional || File.Exists(file))
            content = ReadFile(file);
        PoolConfiguration configuration = Parse(content, file, environment, out warnings);
        if (configuration.Modules.Any(module => module.Pin.Length > 0) && content.AsSpan().IndexOf("pkcs11_pin"u8) >= 0)
            RefuseReadableByOthers(file);
        return configuration;
    }

    /// <summary>Parses the content of a file. Never touches anything else.</summary>
    /// <param name="content">Bytes of any kind.</param>
    /// <param name="name">Name for messages.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="warnings">Receives what is odd.</param>
    /// <exception cref="ConfigurationException">A value is not allowed.</exception>
    public static PoolConfiguration Parse(ReadOnlySpan<byte> content, string name, IDictionary environment, out IReadOnlyList<string> warnings)
    {
        var reader = new ConfigurationReader();
        var builder = new ConfigurationBuilder();
        int number = 0;
        foreach (Range range in content.Split((byte)'\n'))
            reader.ReadLine(content[range], $"{name}:{++number}", builder);
        reader.ReadEnvironment(environment, builder);
        warnings = reader.Warnings;
        return builder.Build();
    }

    private void ReadLine(ReadOnlySpan<byte> line, string where, ConfigurationBuilder builder)
    {
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (line.IsEmpty || line[0] == (byte)'#')
            return;
        if (line.Length > MaxLine)
            throw new ConfigurationException($"{where}: the line is longer than {MaxLine} bytes");
        if (!Ascii.IsValid(line) && !System.Text.Unicode.Utf8.IsValid(line))
            throw new ConfigurationException($"{where}: the line is not UTF-8 text");
        if (line.ContainsAnyInRange((byte)0, (byte)0x1f))
            throw new ConfigurationException($"{where}: the line contains a control character");
        int space = line.IndexOf((byte)' ');
        string keyword = Encoding.UTF8.GetString(space < 0 ? line : line[..space]);
        if (space == 0)
            throw new ConfigurationException($"{where}: white space before the keyword");
        if (!ConfigurationBuilder.Knows(keyword))
        {
            // What is no word may be anything: a PIN after a wrong separator, or control sequences.
            _warnings.Add(IsWord(keyword)
                ? $"{where}: unknown keyword '{keyword}' is ignored"
                : $"{where}: a line that does not start with a keyword and one space is ignored");
            return;
        }
        if (space < 0)
            throw new ConfigurationException($"{where}: '{keyword}' needs one space and a value");
        Apply(builder, keyword, Encoding.UTF8.GetString(line[(space + 1)..]), where);
    }

    private static bool IsWord(string keyword)
    {
        const int longest = 64;
        return keyword.Length <= longest
            && !keyword.StartsWith("pkcs11_pin", StringComparison.OrdinalIgnoreCase)
            && keyword.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
    }

    private void ReadEnvironment(IDictionary environment, ConfigurationBuilder builder)
    {
        foreach (string keyword in ConfigurationBuilder.Keywords.Order(StringComparer.Ordinal))
        {
            string variable = Prefix + keyword.ToUpperInvariant();
            if (environment[variable] is not string value)
                continue;
            builder.Override(keyword);
            Apply(builder, keyword, value, variable);
        }
    }

    private void Apply(ConfigurationBuilder builder, string keyword, string value, string where)
    {
        try
        {
            if (builder.Set(keyword, value) is { } warning)
                _warnings.Add($"{where}: {warning}");
        }
        catch (FormatException exception)
        {
            throw new ConfigurationException(string.Create(CultureInfo.InvariantCulture, $"{where}: {keyword} {exception.Message}"));
        }
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            var info = new FileInfo(file);
            if (info.Length > MaxFile)
                throw new ConfigurationException($"{file}: larger than {MaxFile} bytes: is it a configuration file?");
            return File.ReadAllBytes(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: cannot be read: {exception.Message}");
        }
    }

    private static void RefuseReadableByOthers(string file)
    {
        if ((File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0)
            throw new ConfigurationException($"{file}: holds pkcs11_pin but others can read it: chmod o-r {file}");
    }
}
