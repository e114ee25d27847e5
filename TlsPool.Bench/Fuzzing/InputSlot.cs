using System.IO.MemoryMappedFiles;

namespace TlsPool.Bench.Fuzzing;

/// <summary>
/// The input at hand and the number of those before it, in a file that outlives the process: a stack overflow, a crash in native code or an
/// endless loop leaves nothing else behind.
/// </summary>
internal sealed class InputSlot : IDisposable
{
    private const int CountOffset = 0;
    private const int LengthOffset = 8;
    private const int InputOffset = 12;
    private const int Capacity = 1 << 20;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    internal InputSlot(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Capacity);
        _view = _file.CreateViewAccessor(0, Capacity);
    }

    /// <summary>Inputs so far.</summary>
    internal long Count => _view.ReadInt64(CountOffset);

    /// <summary>The input that ran last, or runs.</summary>
    internal byte[] Input
    {
        get
        {
            byte[] input = new byte[Math.Clamp(_view.ReadInt32(LengthOffset), 0, Capacity - InputOffset)];
            _view.ReadArray(InputOffset, input, 0, input.Length);
            return input;
        }
    }

    internal void Put(byte[] input)
    {
        _view.Write(LengthOffset, input.Length);
        _view.WriteArray(InputOffset, input, 0, input.Length);
        _view.Write(CountOffset, Count + 1);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
