using System.Collections;
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
    private const string ModuleKeyword = "pkcs11_path";
    private const string PinKeyword = "pkcs11_pin";
    private const string PinInUri = "pin-value=";

    private readonly List<string> _warnings = [];
    private readonly Dictionary<string, string> _overrides = new(StringComparer.Ordinal);
    private readonly ConfigurationBuilder _builder = new();
    private bool _holdsPin;

    private ConfigurationReader()
    {
    }

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">The file; null for the environment's or the default one, which may be missing.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="warnings">Receives what is odd.</param>
    /// <exception cref="ConfigurationException">The file cannot be read, or a value is not allowed.</exception>
    public static PoolConfiguration Load(string? path, IDictionary environment, out IReadOnlyList<string> warnings)
    {
        var reader = new ConfigurationReader();
        string file = FileFor(path, environment);
        bool optional = path is null && environment[PathVariable] is null;
        if (optional && !File.Exists(file))
            return reader.Read([], file, environment, out warnings);
        (byte[] content, UnixFileMode mode) = ReadFile(file);
        if ((mode & UnixFileMode.OtherWrite) != 0)
            throw new ConfigurationException($"{file}: others can write it: chmod o-w {file}");
        PoolConfiguration configuration = reader.Read(content, file, environment, out warnings);
        if (reader._holdsPin && (mode & UnixFileMode.OtherRead) != 0)
            throw new ConfigurationException($"{file}: holds a PIN but others can read it: chmod o-r {file}");
        return configuration;
    }

    /// <summary>The file that <see cref="Load"/> reads.</summary>
    /// <param name="path">As for <see cref="Load"/>.</param>
    /// <param name="environment">Environment variables.</param>
    public static string FileFor(string? path, IDictionary environment) => path ?? environment[PathVariable] as string ?? DefaultPath;

    /// <summary>Parses the content of a file. Never touches anything else.</summary>
    /// <param name="content">Bytes of any kind.</param>
    /// <param name="name">Name for messages.</param>
    /// <param name="environment">Environment variables.</param>
    /// <param name="warnings">Receives what is odd.</param>
    /// <exception cref="ConfigurationException">A value is not allowed.</exception>
    public static PoolConfiguration Parse(ReadOnlySpan<byte> content, string name, IDictionary environment, out IReadOnlyList<string> warnings)
    {
        return new ConfigurationReader().Read(content, name, environment, out warnings);
    }

    private PoolConfiguration Read(ReadOnlySpan<byte> content, string name, IDictionary environment, out IReadOnlyList<string> warnings)
    {
        FindOverrides(environment);
        // Tokens of the file belong to this module then.
        if (_overrides.TryGetValue(ModuleKeyword, out string? module))
            Apply(_builder.Override, ModuleKeyword, module, Variable(ModuleKeyword));
        int number = 0;
        foreach (Range range in content.Split((byte)'\n'))
            ReadLine(content[range], string.Create(CultureInfo.InvariantCulture, $"{name}:{++number}"));
        foreach ((string keyword, string value) in _overrides.Where(pair => pair.Key != ModuleKeyword).OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Apply(_builder.Override, keyword, value, Variable(keyword));
        warnings = _warnings;
        try
        {
            return _builder.Build();
        }
        catch (FormatException exception)
        {
            throw new ConfigurationException($"{name}: {exception.Message}");
        }
    }

    private void ReadLine(ReadOnlySpan<byte> line, string where)
    {
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        if (line.IsEmpty || line[0] == (byte)'#')
            return;
        if (line.Length > MaxLine)
            throw new ConfigurationException($"{where}: the line is longer than {MaxLine} bytes");
        if (!System.Text.Unicode.Utf8.IsValid(line))
            throw new ConfigurationException($"{where}: the line is not UTF-8 text");
        if (line.ContainsAnyInRange((byte)0, (byte)0x1f))
            throw new ConfigurationException($"{where}: the line contains a control character, such as a tab");
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
        string value = Encoding.UTF8.GetString(line[(space + 1)..]);
        if (value.Any(char.IsControl))
            throw new ConfigurationException($"{where}: the line contains a control character");
        if (value.StartsWith(' '))
            throw new ConfigurationException($"{where}: '{keyword}' needs exactly one space before its value");
        _holdsPin |= (keyword == PinKeyword && value.Length > 0) || value.Contains(PinInUri, StringComparison.OrdinalIgnoreCase);
        if (!_overrides.ContainsKey(keyword))
            Apply(_builder.Set, keyword, value, where);
    }

    private static bool IsWord(string keyword)
    {
        const int longest = 64;
        return keyword.Length <= longest
            && !keyword.StartsWith("pkcs11_pin", StringComparison.OrdinalIgnoreCase)
            && keyword.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-');
    }

    private void FindOverrides(IDictionary environment)
    {
        foreach (string keyword in ConfigurationBuilder.Keywords)
        {
            if (environment[Variable(keyword)] is string value)
                _overrides.Add(keyword, value);
        }
    }

    private static string Variable(string keyword) => Prefix + keyword.ToUpperInvariant();

    private void Apply(Func<string, string, string?> apply, string keyword, string value, string where)
    {
        try
        {
            if (apply(keyword, value) is { } warning)
                _warnings.Add($"{where}: {warning}");
        }
        catch (FormatException exception)
        {
            string hint = value.EndsWith(' ') ? "; there is white space at its end" : "";
            throw new ConfigurationException($"{where}: {keyword} {exception.Message}{hint}");
        }
    }

    private static (byte[] Content, UnixFileMode Mode) ReadFile(string file)
    {
        try
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            byte[] content = new byte[MaxFile + 1];
            int length = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            if (length > MaxFile)
                throw new ConfigurationException($"{file}: larger than {MaxFile} bytes: is it a configuration file?");
            return (content[..length], File.GetUnixFileMode(stream.SafeFileHandle));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ConfigurationException($"{file}: cannot be read: {exception.Message}");
        }
    }
}
