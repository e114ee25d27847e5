using System.Text;
using TlsPool.Actors.Configuration;
using TlsPool.Crypto.Tokens;
using TlsPool.Crypto.Tokens.Pkcs11;

namespace TlsPool.Actors.Tokens;

/// <summary>The PKCS #11 modules of a configuration, loaded. A module that is named twice is loaded once.</summary>
public sealed class TokenSources : IDisposable
{
    private readonly Dictionary<string, Pkcs11Module> _modules = new(StringComparer.Ordinal);
    private readonly List<TokenSource> _sources = [];

    private TokenSources()
    {
    }

    /// <summary>What the configuration names, in its order.</summary>
    public IReadOnlyList<TokenSource> All => _sources;

    /// <summary>Loads the modules.</summary>
    /// <exception cref="TokenException">One cannot be loaded, or a URI is wrong.</exception>
    public static TokenSources Load(PoolConfiguration configuration)
    {
        var sources = new TokenSources();
        try
        {
            foreach (TokenModuleConfiguration named in configuration.Modules)
                sources.Add(named);
            return sources;
        }
        catch
        {
            sources.Dispose();
            throw;
        }
    }

    /// <summary>The source that has the token of a URI, with the token at hand.</summary>
    /// <param name="uri">URI of a token, or of an object in it.</param>
    /// <returns>The token, and what is known of its PIN.</returns>
    /// <exception cref="TokenException">No configured module has it.</exception>
    public (IKeyToken Token, ReadOnlyMemory<byte> Pin) Find(Pkcs11Uri uri)
    {
        foreach (TokenSource source in _sources)
        {
            TokenDescription[] fitting = [.. source.Module.Tokens().Where(token => uri.Matches(token) && source.Uri?.Matches(token) != false)];
            if (fitting.Length > 1)
                throw new TokenException(TokenFault.Failed, $"several tokens are {uri}: {string.Join(", ", fitting.Select(token => token.ToUri()))}");
            if (fitting.Length == 1)
                return (source.Module.Token(fitting[0].ToUri()), source.Pin);
        }
        throw new TokenException(
            TokenFault.Removed,
            _sources.Count == 0 ? "no PKCS #11 module is configured: set pkcs11_path" : $"no configured token is {uri}: see pkcs11_path and pkcs11_token");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Pkcs11Module module in _modules.Values)
            module.Dispose();
        _modules.Clear();
    }

    private void Add(TokenModuleConfiguration named)
    {
        if (!_modules.TryGetValue(named.Path, out Pkcs11Module? module))
        {
            if (!File.Exists(named.Path))
                throw new TokenException(TokenFault.Removed, $"pkcs11_path {named.Path}: there is no such file");
            module = Pkcs11Module.Load(named.Path, named.InitArguments);
            _modules.Add(named.Path, module);
        }
        _sources.Add(new TokenSource(module, UriOf(named), PinOf(named)));
    }

    /// <summary>The token that is named; null for all of the module.</summary>
    /// <exception cref="TokenException">The URI is wrong.</exception>
    internal static Pkcs11Uri? UriOf(TokenModuleConfiguration named) => named.TokenUri.Length == 0 ? null : Read(named.TokenUri);

    /// <summary>Its PIN as far as it is known.</summary>
    /// <exception cref="TokenException">It cannot be read, or others can read it.</exception>
    internal static byte[] PinOf(TokenModuleConfiguration named) => named.Pin.Length > 0 ? named.Pin : PinOf(UriOf(named));

    private static Pkcs11Uri Read(string uri)
    {
        try
        {
            return Pkcs11Uri.Parse(uri);
        }
        catch (FormatException wrong)
        {
            throw new TokenException(TokenFault.Failed, $"pkcs11_token: {wrong.Message}", wrong);
        }
    }

    /// <summary>The PIN that the URI itself gives or points to (RFC 7512 section 2.4).</summary>
    private static byte[] PinOf(Pkcs11Uri? uri)
    {
        if (uri?.PinValue is { } value)
            return Encoding.UTF8.GetBytes(value);
        if (uri?.PinSource is not { } source)
            return [];
        string path = FileOf(source);
        try
        {
            if ((File.GetUnixFileMode(path) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
                throw new TokenException(TokenFault.Failed, $"{path} holds a PIN but others can read it: chmod o-rw {path}");
            ReadOnlySpan<byte> content = File.ReadAllBytes(path);
            int end = content.IndexOfAny((byte)'\n', (byte)'\r');
            return content[..(end < 0 ? content.Length : end)].ToArray();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new TokenException(TokenFault.Failed, $"pin-source {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>A path, or one of the forms of a file: URI (RFC 8089). The shortest, which RFC 7512 uses, is none for <see cref="Uri"/>.</summary>
    private static string FileOf(string source)
    {
        const string scheme = "file:", local = "//localhost/";
        if (!source.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
            return source;
        string path = source[scheme.Length..];
        if (path.StartsWith(local, StringComparison.OrdinalIgnoreCase))
            path = path[(local.Length - 1)..];
        else if (path.StartsWith("///", StringComparison.Ordinal))
            path = path[2..];
        return path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal)
            ? Uri.UnescapeDataString(path)
            : throw new TokenException(TokenFault.Failed, $"pin-source {source} is no file of this host: write file:/path, or a path");
    }
}
