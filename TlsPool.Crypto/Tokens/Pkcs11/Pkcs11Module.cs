using System.Globalization;
using System.Runtime.InteropServices;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>
/// A loaded PKCS #11 module. Calls into it share a gate; starting it afresh, which some modules need after they lost their device, waits
/// until no call is inside. Thread safe.
/// </summary>
public sealed class Pkcs11Module : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ReaderWriterLockSlim _gate = new();
    private readonly string _initArguments;
    private IPkcs11Library? _library;
    private volatile int _generation;

    static Pkcs11Module() =>
        // Debian's C library has no "libdl.so" without its development package.
        NativeLibrary.SetDllImportResolver(
            typeof(Pkcs11InteropFactories).Assembly,
            (name, _, _) => name == "libdl" ? NativeLibrary.Load("libdl.so.2") : IntPtr.Zero);

    private Pkcs11Module(string path, string initArguments) => (Path, _initArguments) = (path, initArguments);

    /// <summary>Its shared object.</summary>
    public string Path { get; }

    internal Pkcs11InteropFactories Factories { get; } = new();

    /// <summary>Counts the starts; sessions of an earlier one are dead.</summary>
    internal int Generation => _generation;

    /// <summary>Loads and starts a module.</summary>
    /// <param name="path">Its shared object.</param>
    /// <param name="initArguments">Text for C_Initialize (pReserved), as NSS wants it; empty for none.</param>
    /// <exception cref="TokenException">It cannot be loaded.</exception>
    public static Pkcs11Module Load(string path, string initArguments = "")
    {
        var module = new Pkcs11Module(path, initArguments);
        try
        {
            module._library = module.Start();
            return module;
        }
        catch
        {
            module._gate.Dispose();
            throw;
        }
    }

    /// <summary>Every token that is in one of its slots. Blocks as long as the module likes.</summary>
    /// <exception cref="TokenException">The module does not answer.</exception>
    public IReadOnlyList<TokenDescription> Tokens() => [.. Call(library => Slots(library).ConvertAll(found => found.Token))];

    /// <summary>The token that a URI asks for, to work with.</summary>
    /// <param name="uri">What it has to match; its PIN attributes are not used.</param>
    public IKeyToken Token(Pkcs11Uri uri) => new Pkcs11Token(this, uri);

    /// <inheritdoc/>
    public void Dispose()
    {
        // A call that never returns keeps the module; finalizing it under a running call would be worse.
        if (!_gate.TryEnterWriteLock(Patience))
            return;
        IPkcs11Library? library = _library;
        _library = null;
        _gate.ExitWriteLock();
        Quietly(() => library?.Dispose());
    }

    /// <summary>Slots with a token in them.</summary>
    internal List<(ISlot Slot, TokenDescription Token)> Slots() => Call(Slots);

    /// <summary>Starts the module afresh, unless somebody else has done so since <paramref name="generation"/>.</summary>
    internal void Restart(int generation)
    {
        if (!_gate.TryEnterWriteLock(Patience))
            throw new TokenException(TokenFault.Removed, $"{Path} does not return from a call");
        try
        {
            if (_generation != generation || _library is null)
                return;
            Quietly(_library.Dispose);
            _library = null;
            _generation++;
            _library = Start();
        }
        finally
        {
            _gate.ExitWriteLock();
        }
    }

    /// <summary>Calls into the module.</summary>
    internal T Call<T>(Func<IPkcs11Library, T> call)
    {
        if (!_gate.TryEnterReadLock(Patience))
            throw new TokenException(TokenFault.Removed, $"{Path} is being started again");
        try
        {
            return call(_library ?? throw new TokenException(TokenFault.Removed, $"{Path} is not loaded"));
        }
        catch (Exception exception) when (Pkcs11Faults.IsFromModule(exception))
        {
            throw Pkcs11Faults.Translate(exception, Path);
        }
        finally
        {
            _gate.ExitReadLock();
        }
    }

    private IPkcs11Library Start()
    {
        try
        {
            return _initArguments.Length > 0
                ? new ArgumentLibrary(Factories, Path, _initArguments)
                : Factories.Pkcs11LibraryFactory.LoadPkcs11Library(Factories, Path, AppType.MultiThreaded);
        }
        catch (Exception exception) when (Pkcs11Faults.IsFromModule(exception))
        {
            throw new TokenException(TokenFault.Removed, $"{Path} cannot be loaded as a PKCS #11 module: {exception.Message}", exception);
        }
    }

    private List<(ISlot Slot, TokenDescription Token)> Slots(IPkcs11Library library)
    {
        ILibraryInfo info = library.GetInfo();
        List<(ISlot, TokenDescription)> found = [];
        foreach (ISlot slot in library.GetSlotList(SlotsType.WithTokenPresent))
        {
            try
            {
                found.Add((slot, Describe(info, slot)));
            }
            catch (Pkcs11Exception gone) when (gone.RV is CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_TOKEN_NOT_RECOGNIZED or CKR.CKR_SLOT_ID_INVALID)
            {
                // Pulled out in this moment.
                continue;
            }
        }
        return found;
    }

    private TokenDescription Describe(ILibraryInfo library, ISlot slot)
    {
        ITokenInfo token = slot.GetTokenInfo();
        ISlotInfo place = slot.GetSlotInfo();
        return new TokenDescription
        {
            Label = Text(token.Label),
            Manufacturer = Text(token.ManufacturerId),
            Model = Text(token.Model),
            Serial = Text(token.SerialNumber),
            SlotId = slot.SlotId,
            SlotDescription = Text(place.SlotDescription),
            SlotManufacturer = Text(place.ManufacturerId),
            LibraryDescription = Text(library.LibraryDescription),
            LibraryManufacturer = Text(library.ManufacturerId),
            LibraryVersion = Version.TryParse(library.LibraryVersion, out Version? version) ? version : new Version(0, 0),
            ModulePath = Path,
        };
    }

    // Padded with blanks, or wrongly with NULs; whatever else is in it goes into logs.
    private static string Text(string? padded) =>
        string.Concat((padded ?? "").TrimEnd(' ', '\0').Select(letter => char.IsControl(letter) ? '?' : letter));

    private static void Quietly(Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (Pkcs11Faults.IsFromModule(exception))
        {
            // The device is gone, and the module says so once more.
            return;
        }
    }

    /// <summary>A module that takes text at C_Initialize, in the field that the standard reserves.</summary>
    private sealed class ArgumentLibrary : Net.Pkcs11Interop.HighLevelAPI80.Pkcs11Library
    {
        internal ArgumentLibrary(Pkcs11InteropFactories factories, string path, string arguments) : base(factories, path)
        {
            IntPtr text = Marshal.StringToCoTaskMemUTF8(arguments);
            try
            {
                _pkcs11Library = new Net.Pkcs11Interop.LowLevelAPI80.Pkcs11Library(path);
                CKR result = _pkcs11Library.C_Initialize(new Net.Pkcs11Interop.LowLevelAPI80.CK_C_INITIALIZE_ARGS
                {
                    Flags = CKF.CKF_OS_LOCKING_OK,
                    Reserved = text,
                });
                if (result is not (CKR.CKR_OK or CKR.CKR_CRYPTOKI_ALREADY_INITIALIZED))
                    throw new Pkcs11Exception(string.Create(CultureInfo.InvariantCulture, $"C_Initialize with '{arguments}'"), result);
            }
            finally
            {
                Marshal.FreeCoTaskMem(text);
            }
        }
    }
}
