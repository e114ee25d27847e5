using System.Buffers.Binary;

namespace TlsPool.Bench.Fuzzing;

/// <summary>Makes new inputs of old ones, with an eye to formats that are full of lengths.</summary>
internal sealed class Mutator(Random random, IReadOnlyList<byte[]> words, int maxLength)
{
    private static readonly byte[] Telling = [0, 1, 2, 3, 4, 16, 20, 32, 64, 100, 127, 128, 254, 255];

    /// <summary>A new input.</summary>
    /// <param name="origin">What it is made of.</param>
    /// <param name="other">Another input, to take pieces from.</param>
    internal byte[] Mutate(byte[] origin, byte[] other)
    {
        var input = new List<byte>(origin);
        for (int steps = 1 << random.Next(5); steps > 0; steps--)
            Step(input, other);
        if (input.Count > maxLength)
            input.RemoveRange(maxLength, input.Count - maxLength);
        return [.. input];
    }

    private void Step(List<byte> input, byte[] other)
    {
        switch (random.Next(14))
        {
            case 0:
                Change(input, (value, _) => (byte)(value ^ (1 << random.Next(8))));
                break;
            case 1:
                Change(input, (_, _) => (byte)random.Next(256));
                break;
            case 2:
                Change(input, (_, _) => Telling[random.Next(Telling.Length)]);
                break;
            case 3:
                Change(input, (value, _) => (byte)(value + random.Next(-8, 9)));
                break;
            case 4 or 5:
                SetLength(input);
                break;
            case 6 or 7:
                Remove(input);
                break;
            case 8:
                Insert(input, Piece([.. input]));
                break;
            case 9:
                Insert(input, Piece(other));
                break;
            case 10:
                Overwrite(input, Piece(other));
                break;
            case 11 when words.Count > 0:
                Insert(input, words[random.Next(words.Count)]);
                break;
            case 12 when words.Count > 0:
                Overwrite(input, words[random.Next(words.Count)]);
                break;
            default:
                Insert(input, [.. Enumerable.Repeat((byte)random.Next(256), random.Next(1, 33))]);
                break;
        }
    }

    private void Change(List<byte> input, Func<byte, int, byte> change)
    {
        if (input.Count == 0)
            return;
        int at = random.Next(input.Count);
        input[at] = change(input[at], at);
    }

    /// <summary>Writes a big-endian length: all that follows, a part of it, or one that lies a little.</summary>
    private void SetLength(List<byte> input)
    {
        int size = random.Next(1, 4);
        if (input.Count <= size)
            return;
        int at = random.Next(input.Count - size);
        int follows = input.Count - at - size;
        int length = random.Next(3) switch { 0 => follows, 1 => random.Next(follows + 1), _ => follows + random.Next(-2, 3) };
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        for (int i = 0; i < size; i++)
            input[at + i] = bytes[4 - size + i];
    }

    private void Remove(List<byte> input)
    {
        if (input.Count == 0)
            return;
        int at = random.Next(input.Count);
        input.RemoveRange(at, random.Next(1, Math.Min(input.Count - at, random.Next(2) == 0 ? 4 : 256) + 1));
    }

    private void Insert(List<byte> input, byte[] piece) => input.InsertRange(random.Next(input.Count + 1), piece);

    private void Overwrite(List<byte> input, byte[] piece)
    {
        int at = random.Next(input.Count + 1);
        input.RemoveRange(at, Math.Min(piece.Length, input.Count - at));
        input.InsertRange(at, piece);
    }

    private byte[] Piece(byte[] source)
    {
        if (source.Length == 0)
            return [];
        int at = random.Next(source.Length);
        return source[at..(at + random.Next(1, Math.Min(source.Length - at, random.Next(2) == 0 ? 16 : 1024) + 1))];
    }
}
