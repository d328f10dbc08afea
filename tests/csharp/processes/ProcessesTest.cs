// SPDX-License-Identifier: MIT

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>C# processes that start themselves again, and that are killed.</summary>
public sealed class ProcessesTest : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private readonly Scratch scratch = new();
    private readonly QueueOptions options;
    private readonly Publisher publisher;

    public ProcessesTest()
    {
        options = scratch.NewQueue(4096);
        publisher = new Publisher(options);
        Assert.True(publisher.TryEnqueue("held"u8));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        publisher.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public void StartedChildDoesNotKeepTheDeadParentsLeases()
    {
        using var parent = new Holder("start", options);
        Assert.Equal("holding 0 False", parent.ReadLine());
        int id = int.Parse(parent.ReadLine()["idle ".Length..]);
        using var child = Process.GetProcessById(id);
        try
        {
            parent.Kill();
            AssertHeldComesAgain();
            Assert.False(child.HasExited);
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public void ProcessThatBecomesAnotherProgramHasLeft()
    {
        using var process = new Holder("exec", options);
        Assert.Equal("holding 0 False", process.ReadLine());
        Assert.Equal("sent", process.ReadLine());
        using var subscriber = new Subscriber(options);
        string[] got = Enumerable.Range(0, 2).Select(_ => Take(subscriber)).Order().ToArray();
        Assert.Equal([$"{process.Id} False", "held True"], got);
        Assert.True(process.IsRunning);
    }

    [Fact]
    public void KilledProcessIsStartedAgainAndAgain()
    {
        for (int i = 0; i < 4; ++i)
        {
            using var process = new Holder("hold", options);
            Assert.Equal($"holding {i} {i > 0}", process.ReadLine());
            process.Kill();
        }

        AssertHeldComesAgain();
        AssertTheDeadAreForgotten();
    }

    /// <summary>A waiting call looks for the dead, and in the end only this test's ends are left.</summary>
    private void AssertTheDeadAreForgotten()
    {
        using var subscriber = new Subscriber(options);
        var inspector = new QueueInspector(options);
        var waited = Stopwatch.StartNew();
        while (inspector.Report().Participants.Count > 2)
        {
            Assert.True(waited.Elapsed < Long, "a dead process is still a participant");
            Assert.Equal(
                DequeueStatus.Empty,
                subscriber.DequeueInto(new byte[1], TimeSpan.FromMilliseconds(50), Stop, out _));
        }

        Assert.Equal(
            ["publisher", "subscriber"],
            inspector.Report().Participants.Select(participant => participant.Role).Order());
    }

    private void AssertHeldComesAgain()
    {
        using var subscriber = new Subscriber(options);
        Assert.Equal("held True", Take(subscriber));
        Assert.False(subscriber.TryDequeue(Stop, out _));
    }

    /// <summary>The next message, and whether it was redelivered.</summary>
    private static string Take(Subscriber subscriber)
    {
        byte[] buffer = new byte[100];
        Assert.Equal(
            DequeueStatus.Dequeued, subscriber.DequeueInto(buffer, Long, Stop, out MessageInfo info));
        return $"{Encoding.UTF8.GetString(buffer, 0, (int)info.Size)} {info.Redelivered}";
    }

    /// <summary>A process of Holder.cs.</summary>
    private sealed class Holder : IDisposable
    {
        private readonly Process process;

        private static string Program => Path.Combine(
            Environment.GetEnvironmentVariable("TEST_SRCDIR")!,
            Environment.GetEnvironmentVariable("TEST_WORKSPACE")!,
            Environment.GetEnvironmentVariable("HOLDER")!);

        public Holder(string command, QueueOptions options) => process = Process.Start(
            new ProcessStartInfo(Program, [command, options.Path, options.QueueName])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;

        public int Id => process.Id;

        public bool IsRunning => !process.HasExited;

        public string ReadLine() => process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(
            "the process ended without a word");

        /// <summary>This process and none that it started.</summary>
        public void Kill()
        {
            process.Kill();
            process.WaitForExit();
        }

        public void Dispose()
        {
            Kill();
            process.Dispose();
        }
    }
}
