// What Pack makes: the tree of an installation, a tar file and a Debian package of it.
using System.Globalization;
using System.Security.Cryptography;

const UnixFileMode FileMode644 = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
const UnixFileMode FileMode755 = FileMode644 | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

// Time of the commit, so that whoever packs it again gets the same; without git it is now.
DateTimeOffset CommitTime()
{
    var settings = new ProcessSettings { Arguments = "log -1 --format=%ct", RedirectStandardOutput = true, RedirectStandardError = true, Silent = true };
    try
    {
        if (StartProcess("git", settings, out var lines) == 0)
            return DateTimeOffset.FromUnixTimeSeconds(long.Parse(lines.First(), CultureInfo.InvariantCulture));
    }
    catch (Exception)
    {
        // There is no git.
    }
    return DateTimeOffset.UtcNow;
}

void Must(string command, params string[] arguments)
{
    if (Run(command, arguments) != 0) throw new CakeException($"{command} failed; what it said is above.");
}

void Install(FilePath from, FilePath to, UnixFileMode mode = FileMode644)
{
    EnsureDirectoryExists(to.GetDirectory());
    CopyFile(from, to);
    System.IO.File.SetUnixFileMode(to.FullPath, mode);
}

void Gzip(string file) => Must("gzip", "-9", "-n", file);

// The program for this machine, which needs no .NET, with manual pages and completions that it writes itself.
void StageProgram(DirectoryPath lib, DirectoryPath share)
{
    // Without symbols no path of this machine is in it
    Publish(lib, "--self-contained", "true", "-p:DebugType=none");
    // For core files, debuggers and tracing, which are shut in a process that holds keys
    foreach (var name in new[] { "createdump", "libmscordaccore.so", "libmscordbi.so", "libcoreclrtraceptprovider.so" })
        DeleteFiles($"{lib}/{name}");
    foreach (var file in GetFiles($"{lib}/**/*")) System.IO.File.SetUnixFileMode(file.FullPath, file.GetFilename().FullPath == "tlspool" ? FileMode755 : FileMode644);
    foreach (var section in new[] { 5, 8 }) EnsureDirectoryExists(share.Combine($"man/man{section}"));
    var pages = share.Combine("man/all");
    Must($"{lib}/tlspool", "manual", pages.FullPath);
    foreach (var page in GetFiles($"{pages}/*")) MoveFileToDirectory(page, share.Combine($"man/man{page.GetExtension()[1..]}"));
    DeleteDirectory(pages, new DeleteDirectorySettings());
    foreach (var (shell, place) in new[]
    {
        ("bash", "bash-completion/completions/tlspool"), ("zsh", "zsh/vendor-completions/_tlspool"), ("fish", "fish/vendor_completions.d/tlspool.fish"),
    })
    {
        StartProcess($"{lib}/tlspool", new ProcessSettings { Arguments = $"completion {shell}", RedirectStandardOutput = true }, out var script);
        EnsureDirectoryExists(share.CombineWithFilePath(place).GetDirectory());
        System.IO.File.WriteAllLines(share.CombineWithFilePath(place).FullPath, script);
    }
}

// lib and share are as StageProgram has made them. Returns the package.
FilePath MakeDebianPackage(string version, DirectoryPath lib, DirectoryPath share, DirectoryPath tree)
{
    CleanDirectory(tree);
    var time = CommitTime();
    CopyDirectory(lib, tree.Combine("usr/lib/tlspool"));
    EnsureDirectoryExists(tree.Combine("usr/bin"));
    System.IO.File.CreateSymbolicLink($"{tree}/usr/bin/tlspool", "../lib/tlspool/tlspool");
    CopyDirectory(share, tree.Combine("usr/share"));
    foreach (var page in GetFiles($"{tree}/usr/share/man/*/*")) Gzip(page.FullPath);

    Install("deploy/tlspool.conf", tree.CombineWithFilePath("etc/tlspool.conf"));
    EnsureDirectoryExists(tree.Combine("etc/tlspool/tunnels"));
    foreach (var unit in GetFiles("deploy/*.service") + GetFiles("deploy/*.socket"))
        Install(unit, tree.CombineWithFilePath($"usr/lib/systemd/system/{unit.GetFilename()}"));
    Install("deploy/tlspool.sysusers", tree.CombineWithFilePath("usr/lib/sysusers.d/tlspool.conf"));
    Install("deploy/tlspool.tmpfiles", tree.CombineWithFilePath("usr/lib/tmpfiles.d/tlspool.conf"));

    var documents = tree.Combine("usr/share/doc/tlspool");
    CopyDirectory("docs", documents);
    Install("README.md", documents.CombineWithFilePath("README.md"));
    CopyDirectory("deploy/cluster-example", documents.Combine("examples/cluster"));
    Install("deploy/debian/copyright", documents.CombineWithFilePath("copyright"));
    Install("deploy/debian/lintian-overrides", tree.CombineWithFilePath("usr/share/lintian/overrides/tlspool"));
    var changelog = $"{documents}/changelog";
    var date = time.ToString("ddd, dd MMM yyyy HH:mm:ss +0000", CultureInfo.InvariantCulture);
    System.IO.File.WriteAllText(changelog, System.IO.File.ReadAllText("deploy/debian/changelog").Replace("@VERSION@", version).Replace("@DATE@", date));
    Gzip(changelog);

    // The build's umask is not the package's.
    var files = System.IO.Directory.GetFiles(tree.FullPath, "*", System.IO.SearchOption.AllDirectories).Where(file => new System.IO.FileInfo(file).LinkTarget is null).ToArray();
    foreach (var directory in System.IO.Directory.GetDirectories(tree.FullPath, "*", System.IO.SearchOption.AllDirectories))
        System.IO.File.SetUnixFileMode(directory, FileMode755);
    foreach (var file in files.Where(file => file != $"{tree}/usr/lib/tlspool/tlspool"))
        System.IO.File.SetUnixFileMode(file, FileMode644);

    var control = tree.Combine("DEBIAN");
    EnsureDirectoryExists(control);
    var architecture = DebianArchitecture();
    var kilobytes = files.Sum(file => (new System.IO.FileInfo(file).Length + 1023) / 1024);
    System.IO.File.WriteAllText($"{control}/control", System.IO.File.ReadAllText("deploy/debian/control")
        .Replace("@VERSION@", version).Replace("@ARCHITECTURE@", architecture).Replace("@SIZE@", kilobytes.ToString(CultureInfo.InvariantCulture)));
    Install("deploy/debian/conffiles", control.CombineWithFilePath("conffiles"));
    foreach (var script in new[] { "postinst", "prerm", "postrm" })
        Install($"deploy/debian/{script}", control.CombineWithFilePath(script), FileMode755);
    System.IO.File.WriteAllLines($"{control}/md5sums", files.Order(StringComparer.Ordinal)
        .Where(file => file != $"{tree}/etc/tlspool.conf")
        .Select(file => $"{Convert.ToHexStringLower(MD5.HashData(System.IO.File.ReadAllBytes(file)))}  {System.IO.Path.GetRelativePath(tree.FullPath, file)}"));
    foreach (var file in new[] { "control", "md5sums" }) System.IO.File.SetUnixFileMode($"{control}/{file}", FileMode644);

    var package = artifacts.CombineWithFilePath($"tlspool_{version}_{architecture}.deb");
    System.Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH", time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
    Must("dpkg-deb", "--root-owner-group", "--build", tree.FullPath, package.FullPath);
    DeleteDirectory(tree, new DeleteDirectorySettings { Recursive = true });
    return package;
}

string DebianArchitecture() => architecture == "x64" ? "amd64" : architecture;
