using System.Collections;
using System.Globalization;
using System.Net.Sockets;
using TlsPool.Actors.Interop;
using TlsPool.Protocol.IO;
using TlsPool.Protocol.Transport;

namespace TlsPool.Actors.Hosting.Succession;

/// <summary>The process that is to take this one's place. It inherits standard streams, environment and one end of a pair of sockets, and nothing else.</summary>
internal sealed unsafe class SuccessorProcess
{
    private const int Sigkill = 9;
    private const int SignalMask = 0x7F;

    private SuccessorProcess(int id, DescriptorChannel channel) => (Id, Channel) = (id, channel);

    /// <summary>Process number.</summary>
    internal int Id { get; }

    /// <summary>Leads to it; ends when it ends.</summary>
    internal DescriptorChannel Channel { get; }

    /// <summary>Starts it.</summary>
    /// <exception cref="DaemonException">It cannot be started.</exception>
    internal static SuccessorProcess Start(string program, IEnumerable<string> arguments)
    {
        try
        {
            (SafeDescriptor ours, SafeDescriptor theirs) = SocketPair.Create();
            using (theirs)
            {
                var channel = new DescriptorChannel(new Socket(new SafeSocketHandle(ours.Detach(), ownsHandle: true)));
                int error = Spawn(program, [program, .. arguments], theirs.Number, out int process);
                if (error == 0)
                    return new SuccessorProcess(process, channel);
                channel.Dispose();
                throw new DaemonException($"{program} cannot be started: {System.Runtime.InteropServices.Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
        catch (IOException exhausted)
        {
            throw new DaemonException(exhausted.Message);
        }
    }

    /// <summary>Ends it, if it has not ended, and says how it did.</summary>
    internal string End()
    {
        _ = Libc.kill(Id, Sigkill);
        return Reap();
    }

    /// <summary>Waits until it has ended, and says how.</summary>
    internal string Reap()
    {
        int status;
        if (Libc.waitpid(Id, &status, 0) != Id)
            return "ended";
        return (status & SignalMask) == 0
            ? string.Create(CultureInfo.InvariantCulture, $"ended with exit code {(status >> 8) & 0xFF}")
            : string.Create(CultureInfo.InvariantCulture, $"was ended by signal {status & SignalMask}");
    }

    private static int Spawn(string program, IEnumerable<string> arguments, int channel, out int process)
    {
        byte[] all = StringBlock.Of(arguments);
        byte[] environment = StringBlock.Of(
            Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => $"{variable.Key}={variable.Value}"));
        byte* actions = stackalloc byte[Libc.SpawnSize];
        byte* attributes = stackalloc byte[Libc.SpawnSize];
        _ = Libc.posix_spawn_file_actions_init(actions);
        _ = Libc.posix_spawnattr_init(attributes);
        try
        {
            // Libraries may have opened files that programs inherit.
            _ = Libc.posix_spawn_file_actions_adddup2(actions, channel, SuccessionProtocol.Descriptor);
            _ = Libc.posix_spawn_file_actions_addclosefrom_np(actions, SuccessionProtocol.Descriptor + 1);
            _ = Libc.posix_spawnattr_setflags(attributes, Libc.POSIX_SPAWN_SETSID);
            int started;
            int error;
            fixed (byte* path = StringBlock.Of([program]), first = all, variable = environment)
            fixed (byte** argv = StringBlock.Pointers(first, all), envp = StringBlock.Pointers(variable, environment))
                error = Libc.posix_spawn(&started, path, actions, attributes, argv, envp);
            process = started;
            return error;
        }
        finally
        {
            _ = Libc.posix_spawn_file_actions_destroy(actions);
            _ = Libc.posix_spawnattr_destroy(attributes);
        }
    }
}
