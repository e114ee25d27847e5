using System.Globalization;
using System.Text;
using TlsPool.Actors.Management.Operations;

namespace TlsPool.Cli.Consoles.Dialogs;

/// <summary>A parameter of an operation, as a field.</summary>
internal sealed class ParameterField
{
    private readonly Parameter _parameter;

    /// <summary>Makes one that can be filled in.</summary>
    internal ParameterField(Parameter parameter, string text = "")
        : this(parameter, FieldFor(parameter, text))
    {
    }

    private ParameterField(Parameter parameter, Field field) => (_parameter, Field) = (parameter, field);

    /// <summary>Name of the parameter.</summary>
    internal string Name => _parameter.Name;

    /// <summary>The field.</summary>
    internal Field Field { get; }

    /// <summary>Makes one that says what an action is done to.</summary>
    internal static ParameterField Fixed(Parameter parameter, string text) => new(parameter, new FixedField(parameter.Name, text));

    /// <summary>What was filled in, as <see cref="ArgumentWriter"/> takes it; null for nothing.</summary>
    /// <exception cref="FieldException">The operation does not take it.</exception>
    internal object? Value()
    {
        switch (Field)
        {
            case SecretField secret:
                return secret.Secret;
            case FlagField flag:
                return flag.IsSet ? true : null;
        }
        string text = Field.Text.Trim();
        if (text.Length == 0)
            return _parameter.IsRequired ? throw new FieldException(Field, $"'{Name}' is missing: {_parameter.Summary}") : null;
        return _parameter switch
        {
            { IsList: true } => text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries),
            { Kind: ParameterKind.Certificates } => Read(text),
            { Kind: ParameterKind.Number } => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? number
                : throw new FieldException(Field, $"'{Name}' takes a number, as 12"),
            _ => text,
        };
    }

    private static Field FieldFor(Parameter parameter, string text)
    {
        string help = parameter.IsRequired ? parameter.Summary : $"{parameter.Summary} (may be empty)";
        return parameter switch
        {
            { Kind: ParameterKind.Secret } => new SecretField(parameter.Name, help),
            { Kind: ParameterKind.Flag } => new FlagField(parameter.Name, parameter.Summary),
            { Kind: ParameterKind.Certificates } => new TextField(parameter.Name, $"name of a file: {help}", text),
            { IsList: true } => new TextField(parameter.Name, $"{help}; spaces between them", text),
            { Choices.Count: > 0 } => new ChoiceField(parameter.Name, parameter.Summary, parameter.Choices, !parameter.IsRequired, text),
            _ => new TextField(parameter.Name, help, text),
        };
    }

    private string Read(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(InputFile.Read(file));
        }
        catch (Exception failure) when (failure is CommandException or IOException or UnauthorizedAccessException)
        {
            throw new FieldException(Field, failure.Message);
        }
    }
}
