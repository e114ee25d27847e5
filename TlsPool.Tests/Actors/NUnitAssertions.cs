using System.Globalization;
using Akka.TestKit;
using NUnit.Framework;

namespace TlsPool.Tests.Actors;

/// <summary>Lets Akka's test kit speak NUnit. It throws and never calls Assert.Fail, which would end a test although AwaitAssert tries again.</summary>
internal sealed class NUnitAssertions : ITestKitAssertions
{
    public void Fail(string format = "", params object[] args) => throw new AssertionException(Text(format, args));

    public void AssertTrue(bool condition, string format = "", params object[] args)
    {
        if (!condition)
            Fail(format, args);
    }

    public void AssertFalse(bool condition, string format = "", params object[] args) => AssertTrue(!condition, format, args);

    public void AssertEqual<T>(T expected, T actual, string format = "", params object[] args) =>
        AssertEqual(expected, actual, EqualityComparer<T>.Default.Equals, format, args);

    public void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args)
    {
        if (!comparer(expected, actual))
            throw new AssertionException($"expected {expected}, was {actual}. {Text(format, args)}");
    }

    public Exception AssertThrows(Action action) => AssertThrows<Exception>(action);

    public T AssertThrows<T>(Action action) where T : Exception
    {
        try
        {
            action();
        }
        catch (T e)
        {
            return e;
        }
        throw new AssertionException($"expected {typeof(T).Name}, but nothing was thrown");
    }

    public Task<Exception> AssertThrowsAsync(Func<Task> action) => AssertThrowsAsync<Exception>(action);

    public async Task<T> AssertThrowsAsync<T>(Func<Task> action) where T : Exception
    {
        try
        {
            await action();
        }
        catch (T e)
        {
            return e;
        }
        throw new AssertionException($"expected {typeof(T).Name}, but nothing was thrown");
    }

    private static string Text(string format, object[] args) =>
        args is { Length: > 0 } ? string.Format(CultureInfo.InvariantCulture, format, args) : format;
}
