using NUnit.Framework;

namespace TlsPool.Tests.Processes;

/// <summary>Certificates that <c>openssl</c> makes, as a certification authority would.</summary>
internal sealed class Openssl
{
    private readonly string _directory;

    internal Openssl(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
    }

    /// <summary>The authority's certificate.</summary>
    internal string Authority => PathOf("ca.pem");

    internal string PathOf(string file) => Path.Combine(_directory, file);

    /// <summary>Runs <c>openssl</c>; it has to succeed.</summary>
    internal static async Task<string> RunAsync(params string[] arguments)
    {
        (int code, string output) = await ChildProcess.RunAsync("openssl", arguments);
        Assert.That(code, Is.Zero, $"openssl {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Makes the authority.</summary>
    internal async Task MakeAuthorityAsync() => await RunAsync(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", PathOf("ca.key"), "-out", Authority, "-days", "30",
        "-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign");

    /// <summary>Makes a key and a certificate by the authority.</summary>
    /// <param name="name">Base name of the files.</param>
    /// <param name="extensions">Extensions as <c>openssl x509 -extfile</c> takes them, in lines.</param>
    /// <param name="days">Days of validity; may be negative for a certificate that has expired.</param>
    /// <param name="issuer">Base name of the issuer.</param>
    /// <returns>Files of certificate and key.</returns>
    internal async Task<(string Certificate, string Key)> IssueAsync(string name, string extensions, int days = 30, string issuer = "ca")
    {
        string key = PathOf(name + ".key"), request = PathOf(name + ".csr"), certificate = PathOf(name + ".pem"), file = PathOf(name + ".ext");
        await File.WriteAllTextAsync(file, extensions);
        await RunAsync("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", request, "-subj", $"/CN={name}");
        await RunAsync(
            "x509", "-req", "-in", request, "-CA", PathOf(issuer + ".pem"), "-CAkey", PathOf(issuer + ".key"), "-CAcreateserial", "-out", certificate,
            "-days", days.ToString(System.Globalization.CultureInfo.InvariantCulture), "-extfile", file);
        return (certificate, key);
    }
}
