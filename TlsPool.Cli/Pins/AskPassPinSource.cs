using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using TlsPool.Protocol.Client;
using TlsPool.Protocol.IO;

namespace TlsPool.Cli.Pins;

/// <summary>
/// A program that is run with the question as its argument and writes the PIN in one line: ssh-askpass(1), systemd-ask-password(1) and their
/// like. A program cannot be trusted to see that its PIN was wrong, so it does not go on for ever.
/// </summary>
internal sealed class AskPassPinSource(string program) : IPinSource
{
    private const int MostWrong = 3;
    private const int LongestOutput = 512;

    private readonly Dictionary<string, int> _entered = [];

    public async ValueTask<byte[]> AskAsync(PinPrompt prompt, CancellationToken cancellation)
    {
        string token = $"{prompt.TokenManufacturer}\n{prompt.TokenModel}\n{prompt.TokenSerial}\n{prompt.TokenLabel}";
        int wrong = prompt.Attempt == 0 ? 0 : _entered.GetValueOrDefault(token);
        if (wrong >= MostWrong)
        {
            Say($"{program} gave {MostWrong} wrong PINs for {PinText.Token(prompt)}: it is not asked again; run tlspool pin without it");
            return [];
        }
        byte[] pin = await RunAsync(PinText.Question(prompt), cancellation).ConfigureAwait(false);
        if (pin.Length > 0)
            _entered[token] = wrong + 1;
        return pin;
    }

    public void Say(string text) => Console.Error.WriteLine($"tlspool: {text}");

    private async Task<byte[]> RunAsync(string question, CancellationToken cancellation)
    {
        using Process process = Start(question);
        // Straight into one place: readers of text leave copies.
        byte[] output = GC.AllocateArray<byte>(LongestOutput, pinned: true);
        try
        {
            int length = await process.StandardOutput.BaseStream.ReadAtLeastAsync(output, output.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellation).ConfigureAwait(false);
            if (process.ExitCode != 0)
            {
                Say($"{program} ended with exit code {process.ExitCode}: no PIN");
                return [];
            }
            int end = output.AsSpan(0, length).IndexOfAny((byte)'\n', (byte)'\r');
            int size = end < 0 ? length : end;
            if (size > PinText.LongestPin || output.AsSpan(0, size).Contains((byte)0))
            {
                Say($"{program} wrote more than a PIN has, at most {PinText.LongestPin} bytes");
                return [];
            }
            return PinnedBytes.CopyOf(output.AsSpan(0, size));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(output);
            End(process);
        }
    }

    private Process Start(string question)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, [question]) { RedirectStandardOutput = true })!;
        }
        catch (Win32Exception impossible)
        {
            throw new CommandException($"--askpass {program}: {impossible.Message}");
        }
    }

    private static void End(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception ended) when (ended is InvalidOperationException or Win32Exception)
        {
            // As it should be.
            return;
        }
    }
}
