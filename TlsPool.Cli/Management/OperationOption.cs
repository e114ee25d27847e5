using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using TlsPool.Actors.Management.Operations;
using TlsPool.Cli.Pins;
using Command = System.CommandLine.Command;

namespace TlsPool.Cli.Management;

/// <summary>A parameter of an operation on the command line: an argument if the operation needs it, an option otherwise.</summary>
internal abstract class OperationOption(Parameter parameter)
{
    /// <summary>Name of the parameter.</summary>
    internal string Name => parameter.Name;

    /// <summary>The parameter.</summary>
    protected Parameter Parameter => parameter;

    internal static OperationOption Of(Parameter parameter) => parameter.Kind switch
    {
        ParameterKind.Secret => new SecretOption(parameter),
        ParameterKind.Flag => new FlagOption(parameter),
        ParameterKind.Number => new ValueOption<long?>(parameter, "number"),
        _ => new ValueOption<string?>(parameter, parameter.Name),
    };

    /// <summary>Adds it to a command.</summary>
    internal abstract void AddTo(Command command);

    /// <summary>What was given, as <see cref="ArgumentWriter"/> takes it; null for nothing.</summary>
    internal abstract object? ValueOf(ParseResult result, CancellationToken cancellation);

    /// <summary>What was given, for people.</summary>
    internal virtual string TextOf(ParseResult result) => $"{ValueOf(result, CancellationToken.None)}";

    /// <summary>A value of its own.</summary>
    private sealed class ValueOption<T>(Parameter parameter, string valueName) : OperationOption(parameter)
    {
        private readonly Argument<T> _argument = new(parameter.Name) { Description = parameter.Summary };
        private readonly Option<T> _option = new($"--{parameter.Name}") { Description = parameter.Summary, HelpName = valueName };

        internal override void AddTo(Command command)
        {
            if (Parameter.Choices.Count > 0)
            {
                _argument.AcceptOnlyFromAmong([.. Parameter.Choices]);
                _option.AcceptOnlyFromAmong([.. Parameter.Choices]);
            }
            if (Parameter.IsRequired)
                command.Arguments.Add(_argument);
            else
                command.Options.Add(_option);
        }

        internal override object? ValueOf(ParseResult result, CancellationToken cancellation) =>
            Parameter.IsRequired ? result.GetValue(_argument) : result.GetValue(_option);
    }

    private sealed class FlagOption(Parameter parameter) : OperationOption(parameter)
    {
        private readonly Option<bool> _option = new($"--{parameter.Name}") { Description = parameter.Summary };

        internal override void AddTo(Command command) => command.Options.Add(_option);

        internal override object? ValueOf(ParseResult result, CancellationToken cancellation) => result.GetValue(_option) ? true : null;
    }

    /// <summary>A secret is typed at the terminal, or comes from a file: others see the options of a process.</summary>
    private sealed class SecretOption(Parameter parameter) : OperationOption(parameter)
    {
        private readonly Option<string?> _file = new($"--{parameter.Name}-file")
        {
            Description = $"file whose first line is it; - for standard input (default: it is asked for at the terminal). {parameter.Summary}",
            HelpName = "file",
        };

        private readonly Option<bool> _none = new($"--no-{parameter.Name}") { Description = "give none, and ask for none" };

        internal override void AddTo(Command command)
        {
            command.Options.Add(_file);
            command.Options.Add(_none);
        }

        internal override object? ValueOf(ParseResult result, CancellationToken cancellation)
        {
            if (result.GetValue(_none))
                return null;
            if (result.GetValue(_file) is { } file)
                return FirstLine(file == "-" ? ReadAll() : InputFile.Read(file));
            using Terminal terminal = Terminal.TryOpen()
                ?? throw new CommandException($"there is no terminal to ask at: use --{Name}-file, or --no-{Name}");
            return terminal.ReadSecret($"{Name.ToUpperInvariant()}: ", cancellation) ?? throw new CommandException("nothing was entered");
        }

        private static byte[] ReadAll() => Encoding.UTF8.GetBytes(Console.In.ReadLine() ?? "");

        private static byte[] FirstLine(byte[] content)
        {
            int end = content.AsSpan().IndexOfAny((byte)'\n', (byte)'\r');
            byte[] line = end < 0 ? [.. content] : content[..end];
            CryptographicOperations.ZeroMemory(content);
            return line;
        }
    }
}
