using System.CommandLine;
using System.Globalization;
using TlsPool.Actors.Configuration;

namespace TlsPool.Cli.Cluster;

/// <summary><c>tlspool cluster certificates</c>: an authority of the cluster's own, and what it vouches for.</summary>
internal static class ClusterCertificatesCommand
{
    internal static Command Create()
    {
        var directory = new Argument<string>("directory") { Description = "where the files go; the authority that is there already is used" };
        var hosts = new Argument<string[]>("host")
        {
            Description = "the nodes, as cluster_members has them: host or host:port",
            Arity = ArgumentArity.OneOrMore,
        };
        var days = new Option<int>("--days") { Description = "how long the nodes' certificates are good", HelpName = "number", DefaultValueFactory = _ => 825 };
        var command = new Command("certificates", "make certificates for nodes, and say how to use them") { directory, hosts, days };
        return command.Does(result =>
        {
            string path = Path.GetFullPath(result.GetValue(directory)!);
            ClusterAddress[] members = [.. result.GetValue(hosts)!.Select(ClusterAddress.Parse)];
            int validity = result.GetValue(days);
            if (validity is < 1 or > 3650)
                throw new CommandException("--days takes a number from 1 to 3650");
            using var authority = ClusterAuthority.OpenOrCreate(path);
            foreach (ClusterAddress member in members)
                Write(path, member, members, authority.Issue(member, TimeSpan.FromDays(validity)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{authority.KeyFile} makes nodes of whoever has it: take it off this host."));
            return 0;
        });
    }

    private static void Write(string directory, ClusterAddress member, IEnumerable<ClusterAddress> members, string pem)
    {
        string file = Path.Combine(directory, $"node-{member.Host.Replace(':', '_')}.pem");
        ClusterAuthority.WriteSecret(file, pem);
        Console.WriteLine($"""
            {file} is for {member.Host}, where the configuration then has:
                cluster_address {member}
                cluster_members {string.Join(',', members)}
                cluster_certificate {file}
                cluster_authority {Path.Combine(directory, ClusterAuthority.CertificateName)}
            """);
    }
}
