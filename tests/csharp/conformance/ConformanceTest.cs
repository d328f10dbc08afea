using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>What each case of tests/conformance has: a queue of its own.</summary>
public abstract class ConformanceTest : IDisposable
{
    protected const int Capacity = 4096;

    private readonly Scratch scratch = new();

    protected ConformanceTest() => Options = NewOptions(Capacity);

    protected QueueOptions Options { get; }

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        CloseEndpoints();
        scratch.Dispose();
    }

    protected virtual void CloseEndpoints()
    {
    }

    protected QueueOptions OtherQueue() => NewOptions(Capacity, scratch.NewQueue().QueueName);

    protected QueueOptions NewOptions(
        long capacity,
        string name = "queue",
        bool keepUndelivered = true,
        QueueOpenMode mode = QueueOpenMode.OpenOrCreate,
        string? path = null) => new(name, path ?? scratch.Path, capacity)
        {
            KeepUndelivered = keepUndelivered,
            Mode = mode,
        };

    protected Publisher OpenPublisher() => new(Options);

    protected Subscriber OpenSubscriber() => new(Options);

    protected bool HasQueue()
    {
        try
        {
            new Subscriber(NewOptions(Capacity, mode: QueueOpenMode.OpenExisting)).Dispose();
            return true;
        }
        catch (QueueException e) when (e.Error == QueueError.NotFound)
        {
            return false;
        }
    }

    /// <summary>Bytes that tell a message from others and each place in it from others.</summary>
    protected static byte[] Text(int size, int seed = 0)
    {
        var text = new byte[size];
        for (int i = 0; i < size; ++i)
        {
            text[i] = (byte)((seed * 31) + (i * 7) + (i / 251));
        }

        return text;
    }

    protected static byte[]? Take(Subscriber subscriber) =>
        subscriber.TryDequeue(default, out ReadOnlyMemory<byte> message) ? message.ToArray() : null;

    protected static QueueError ErrorOf(Action action) => Assert.Throws<QueueException>(action).Error;
}

/// <summary>The cases here are those of the list, under its numbers and names.</summary>
public class ConformanceList
{
    // A binding says why it cannot show a fact.
    private static readonly string[] NotShown =
    [
        "C027_MovedReservationStaysOne", // a ref struct does not move
        "C054_EndpointsMove", // a class neither
    ];

    [Fact]
    public void EveryNumberIsThere()
    {
        string list = File.ReadAllText(Path.Combine(Root(), "tests", "conformance", "README.md"));
        string[] expected = Regex.Matches(list, @"^\| (C\d{3}) \| (\w+) \|", RegexOptions.Multiline)
            .Select(match => $"{match.Groups[1]}_{match.Groups[2]}")
            .Except(NotShown)
            .Order()
            .ToArray();
        string[] shown = typeof(ConformanceTest).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(ConformanceTest)))
            .SelectMany(type => type.GetMethods())
            .Select(method => method.Name)
            .Where(name => Regex.IsMatch(name, @"^C\d{3}_"))
            .Order()
            .ToArray();
        Assert.True(expected.Length > 50);
        Assert.Equal(expected, shown);
    }

    /// <summary>Bazel's files for this test, or the checkout that this lies in.</summary>
    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("TEST_SRCDIR") is { } files)
        {
            return Path.Combine(files, Environment.GetEnvironmentVariable("TEST_WORKSPACE")!);
        }

        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "WORKSPACE")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("the checkout");
        }

        return folder.FullName;
    }
}
