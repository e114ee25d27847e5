using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using TlsPool.Actors.Storage;
using TlsPool.Cli.Stores;
using TlsPool.Crypto.Certificates;
using TlsPool.Crypto.Keys;
using TlsPool.Crypto.Tokens;
using TlsPool.Protocol.Identities;

namespace TlsPool.Cli.Identities;

/// <summary><c>tlspool identity generate</c>: a new key, and a certificate or a request for one.</summary>
internal static class IdentityGenerateCommand
{
    private const int DefaultDays = 397;
    private const int MaxDays = 36500;

    internal static Command Create()
    {
        Argument<string> identity = IdentityCommands.IdentityArgument();
        Option<IdentityRoles> role = IdentityCommands.RoleOption();
        var algorithm = new Option<string>("--algorithm")
        {
            Description = $"kind of key: {string.Join(", ", KeyParameters.Names)}",
            DefaultValueFactory = _ => KeyParameters.Default.ToString(),
        };
        algorithm.AcceptOnlyFromAmong([.. KeyParameters.Names]);
        var days = new Option<int>("--days")
        {
            Description = $"days that the self-signed certificate is valid, 1 to {MaxDays}",
            DefaultValueFactory = _ => DefaultDays,
        };
        days.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > MaxDays)
                result.AddError($"--days takes 1 to {MaxDays}");
        });
        var csr = new Option<string?>("--csr")
        {
            Description = "write a certificate signing request (PKCS #10, PEM) to this file instead of making a certificate; - for standard output",
            HelpName = "file",
        };
        var token = new Option<string?>("--token")
        {
            Description = "make the key in this token (pkcs11: URI) instead of the built-in store",
            HelpName = "uri",
        };
        var command = new Command("generate", "make a key, and a self-signed certificate or a signing request")
        {
            identity, role, algorithm, days, csr, token,
        };
        StoreOptions stores = new StoreOptions().AddTo(command);
        return command.Does(result =>
        {
            DoNai name = IdentityCommands.ParseIdentity(result.GetValue(identity)!);
            IdentityRoles roles = result.GetValue(role);
            // Opened as who called: the stores may be another user's.
            using TextWriter? request = result.GetValue(csr) is { } file ? OpenRequest(file) : null;
            using PoolStoreAccess access = stores.Open(result);
            using NewKey key = NewKey.Make(access, result.GetValue(token), KeyParameters.Parse(result.GetValue(algorithm)!), KeyName(name));
            var issuer = new CertificateIssuer(key.Description.SubjectPublicKeyInfo, key.Description.SignatureSchemes, key.Sign);
            if (request is not null)
                return WriteRequest(request, issuer.SigningRequest(name, Usages(roles)), name, key.Description);
            DateTimeOffset now = DateTimeOffset.UtcNow;
            byte[] certificate = issuer.SelfSign(name, Usages(roles), now.AddMinutes(-5), now.AddDays(result.GetValue(days)));
            StoredIdentity stored = IdentityAddCommand.Stored(name, roles, key.Description, [certificate]);
            if (!access.Identities.TryAdd(stored))
                throw new CommandException($"{name} has this certificate already");
            access.Record($"key and credential made for {roles.Name()}: certificate {IdentityCommands.ShortFingerprint(stored)}", name.ToString(), stored.Key.Uri);
            Console.WriteLine($"{name}: {key.Description.Algorithm} key {key.Description.Key}, self-signed certificate {IdentityCommands.ShortFingerprint(stored)}");
            Console.WriteLine($"Others trust it after: tlspool identity show {name} --pem > {name}.pem; tlspool trust add {name}.pem");
            return 0;
        });
    }

    private static string[] Usages(IdentityRoles roles) => roles switch
    {
        IdentityRoles.Server => [CertificateRole.Server],
        IdentityRoles.Client => [CertificateRole.Client],
        _ => [CertificateRole.Server, CertificateRole.Client],
    };

    private static string KeyName(DoNai name) => string.Create(
        CultureInfo.InvariantCulture, $"{name}-{DateTime.UtcNow:yyyyMMdd}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3))}");

    private static TextWriter OpenRequest(string file) => file == "-" ? Console.Out : new StreamWriter(file);

    private static int WriteRequest(TextWriter file, byte[] request, DoNai name, KeyDescription key)
    {
        file.WriteLine(PemEncoding.WriteString("CERTIFICATE REQUEST", request));
        file.Flush();
        Console.Error.WriteLine($"When it is signed: tlspool identity add {name} --key '{key.Key}' --certificate CHAIN.pem");
        return 0;
    }
}
