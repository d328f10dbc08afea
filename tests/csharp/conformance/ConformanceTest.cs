// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>
/// What each case of tests/conformance has: a queue of its own. The variable CONFORMANCE_PROTOCOL
/// says of which protocol; cases that it cannot show are skipped.
/// </summary>
public abstract class ConformanceTest : IDisposable
{
    protected const int Capacity = 4096;

    // A process id would not do: in a sandbox other processes have the same.
    private static readonly string Program = Guid.NewGuid().ToString("N")[..12];

    private static int queues;

    private readonly Scratch scratch;
    private readonly List<string> names = [];

    protected ConformanceTest()
    {
        SkipWhatDoesNotApply(TestContext.Current.TestMethod!.MethodName);
        scratch = new Scratch();
        Name = NewName();
        Options = NewOptions(Capacity);
    }

    /// <summary>Gets the protocol's name, as <c>ipq --protocol</c> takes it.</summary>
    protected static string ProtocolName { get; } =
        Environment.GetEnvironmentVariable("CONFORMANCE_PROTOCOL") ?? "native";

    protected static QueueProtocol Protocol { get; } = ProtocolName switch
    {
        "native" => QueueProtocol.Native,
        "cloudtoid2" => QueueProtocol.CloudtoidV2,
        "cloudtoid3" => QueueProtocol.CloudtoidV3,
        "cloudtoid2-fork" => QueueProtocol.CloudtoidV2Fork,
        _ => throw new InvalidOperationException($"No protocol is called {ProtocolName}."),
    };

    protected static bool IsNative => Protocol == QueueProtocol.Native;

    /// <summary>Gets the size of the largest message that an empty queue takes.</summary>
    protected static int Largest => IsNative ? Capacity : Capacity - 8;

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected string Name { get; }

    protected QueueOptions Options { get; }

    public void Dispose()
    {
        CloseEndpoints();
        scratch.Dispose();
        if (Protocol == QueueProtocol.CloudtoidV2Fork)
        {
            // Nobody else removes the fork's.
            names.ForEach(name => File.Delete("/dev/shm/sem.ct.ip." + name));
        }
    }

    protected virtual void CloseEndpoints()
    {
    }

    protected QueueOptions OtherQueue() => NewOptions(Capacity, NewName());

    protected QueueOptions NewOptions(
        long capacity,
        string? name = null,
        bool keepUndelivered = true,
        QueueOpenMode mode = QueueOpenMode.OpenOrCreate,
        string? path = null,
        TimeSpan? spin = null,
        bool onePublisher = false,
        bool oneSubscriber = false) => new(name ?? Name, path ?? scratch.Path, capacity)
        {
            Protocol = Protocol,
            KeepUndelivered = keepUndelivered,
            Mode = mode,
            Spin = spin ?? TimeSpan.FromMicroseconds(20),
            OnePublisher = onePublisher,
            OneSubscriber = oneSubscriber,
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

    /// <summary>Gets the folder of the queues, which goes with the test.</summary>
    protected string Folder => scratch.Path;

    protected static QueueError ErrorOf(Action action) => Assert.Throws<QueueException>(action).Error;

    /// <summary>Until those threads, which make calls of that queue, sleep in them.</summary>
    protected static void UntilSleeping<T>(QueueOptions queue, params Background<T>[] threads)
    {
        // The other formats do not say which participants wait.
        if (IsNative)
        {
            Waiting.UntilSleeping(queue, 1);
        }

        Waiting.Until(() => threads.All(thread => thread.Sleeps()), "all sleep in their calls");
    }

    private static void SkipWhatDoesNotApply(string test)
    {
        foreach (string line in File.ReadLines(ConformanceList.FileOfList("not_applicable.txt")))
        {
            string[] words = line.Split(' ', 3);
            if (words[1] == ProtocolName && test.StartsWith(words[0], StringComparison.Ordinal))
            {
                Assert.Skip($"not of {ProtocolName}: {words[2]}");
            }
        }
    }

    /// <summary>The other formats name their semaphore by the queue's name, whatever the directory.</summary>
    private string NewName()
    {
        names.Add($"queue-cs-{Program}-{Interlocked.Increment(ref queues)}");
        return names[^1];
    }
}

/// <summary>The cases here are those of the list, under its numbers and names.</summary>
public class ConformanceList
{
    // A binding says why it cannot show a fact.
    private static readonly string[] NotShown =
    [
        "C027_MovedReservationStaysOne", // a ref struct does not move
        "C054_EndpointsMove", // a class neither
        "C061_RemovedQueueGoesOnWithoutItsName", // no call removes a queue
    ];

    [Fact]
    public void EveryNumberIsThere()
    {
        string list = File.ReadAllText(FileOfList("README.md"));
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

    public static string FileOfList(string name) => Path.Combine(Root(), "tests", "conformance", name);

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
