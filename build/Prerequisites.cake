// What the targets need beyond the .NET SDK: found by command or file, installed as root on Debian, asked for elsewhere.

int Run(string command, params string[] arguments) => Prerequisites.Run(Context, command, arguments);

public sealed record Prerequisite(string Package, params string[] Signs);

public static class Prerequisites
{
    private static readonly Prerequisite[] Tls =
    [
        new("openssl", "openssl"),
        new("curl", "curl"),
    ];

    public static readonly Prerequisite[] ForDemo = Tls;

    public static readonly Prerequisite[] ForTests =
    [
        .. Tls,
        new("iproute2", "/usr/sbin/ip"),
        new("mount", "mount", "umount"),
        new("faketime", "faketime"),
        new("softhsm2", "softhsm2-util", "/usr/lib/softhsm/libsofthsm2.so"),
        new("gnutls-bin", "gnutls-cli", "gnutls-serv"),
        new("libnss3-tools", "certutil"),
        new("dovecot-imapd", "/usr/sbin/dovecot", "/usr/lib/dovecot/imap"),
        new("dovecot-pop3d", "/usr/lib/dovecot/pop3"),
        new("postgresql", "psql", "pg_ctlcluster"),
        new("p11-kit", "p11-kit"),
        new("systemd", "systemd-analyze"),
        new("opensc", "pkcs11-tool"),
        new("python3-yaml", "/usr/lib/python3/dist-packages/yaml/__init__.py"),
        new("python3-seccomp", "/usr/share/doc/python3-seccomp/copyright"),
        new("man-db", "man"),
        new("groff-base", "groff"),
        new("zsh", "zsh"),
        new("fish", "fish"),
        new("gcc", "gcc"),
        new("libc6-dev", "/usr/include/stdio.h"),
        new("libssl-dev", "/usr/include/openssl/ssl.h"),
        new("libgnutls28-dev", "/usr/include/gnutls/gnutls.h"),
        new("chromium", "chromium"),
        new("python3-jsonschema", "/usr/lib/python3/dist-packages/jsonschema/__init__.py"),
        new("python3-prometheus-client", "/usr/lib/python3/dist-packages/prometheus_client/parser.py"),
        new("tmux", "tmux"),
        new("ca-certificates", "/etc/ssl/certs/ca-certificates.crt"),
    ];

    public static readonly Prerequisite[] ForBench =
    [
        .. Tls,
        new("stunnel4", "stunnel4"),
        new("haproxy", "/usr/sbin/haproxy"),
        new("nginx", "/usr/sbin/nginx"),
        new("libnginx-mod-stream", "/usr/lib/nginx/modules/ngx_stream_module.so"),
        new("hitch", "/usr/sbin/hitch"),
        new("wrk", "wrk"),
    ];

    public static readonly Prerequisite[] ForPack = [new("tar", "tar"), new("gzip", "gzip"), new("dpkg", "dpkg-deb")];

    public static readonly Prerequisite[] ForPackTest =
    [
        new("mmdebstrap", "mmdebstrap"),
        new("lintian", "lintian"),
        new("util-linux", "unshare", "nsenter"),
        new("systemd-container", "systemd-nspawn"),
    ];

    public static void Require(ICakeContext context, IEnumerable<Prerequisite> needed)
    {
        var missing = needed.Where(item => !item.Signs.All(Present)).Select(item => item.Package).Distinct().ToArray();
        if (missing.Length == 0) return;
        var install = $"apt-get install -y --no-install-recommends {string.Join(' ', missing)}";
        if (!Present("apt-get"))
            throw new CakeException($"Please install what these Debian packages hold, and try again: {string.Join(", ", missing)}");
        if (System.Environment.UserName != "root")
            throw new CakeException($"Please install what is missing, and try again:\n\n    sudo apt-get update && sudo {install}\n");
        Console.WriteLine($"Installing {string.Join(", ", missing)}");
        var apt = "-o DPkg::Lock::Timeout=300 -qq";
        if (Run(context, "apt-get", [.. apt.Split(' '), "update"]) != 0)
            throw new CakeException("apt-get update failed; what it said is above.");
        if (Run(context, "apt-get", [.. apt.Split(' '), .. install.Split(' ').Skip(1)]) != 0)
            throw new CakeException($"This failed; what it said is above: {install}");
        var still = needed.Where(item => !item.Signs.All(Present)).Select(item => item.Package).ToArray();
        if (still.Length > 0) throw new CakeException($"Installed, and yet not found: {string.Join(", ", still)}");
    }

    public static int Run(ICakeContext context, string command, params string[] arguments)
    {
        var builder = new ProcessArgumentBuilder();
        foreach (var argument in arguments) builder.AppendQuoted(argument);
        var settings = new ProcessSettings
        {
            Arguments = builder,
            EnvironmentVariables = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" },
        };
        return context.StartProcess(command, settings);
    }

    // Debian's users have no sbin in their PATH, and a sign may be a file that is no program.
    private static bool Present(string sign) => sign.StartsWith('/')
        ? System.IO.File.Exists(sign)
        : $"{System.Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/usr/bin".Split(':')
            .Any(folder => System.IO.File.Exists(System.IO.Path.Combine(folder, sign)));
}
