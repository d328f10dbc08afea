// SPDX-License-Identifier: MIT

using System;
using System.IO;
using System.Threading;
using Interprocess;
using Xunit;

/// <summary>What cannot work says why, and loses nothing.</summary>
public sealed class BadInputTest : IDisposable
{
    private readonly Scratch scratch = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void PathThatCannotBeUsedIsNamed()
    {
        Assert.Equal(
            "path", Assert.Throws<ArgumentException>(() => new QueueOptions("q", "/x\0y", 4096)).ParamName);
        foreach (string path in (string[])[scratch.Path + "/missing", "not/absolute"])
        {
            var options = new QueueOptions("queue", path, 4096);
            Exception thrown = Assert.ThrowsAny<Exception>(() => new Publisher(options));
            Assert.True(thrown is QueueException or ArgumentException, thrown.ToString());
            Assert.Contains(path, thrown.Message);
        }

        string file = Path.Combine(scratch.Path, "file");
        File.WriteAllText(file, "no directory");
        Assert.Contains(
            file,
            Assert.ThrowsAny<Exception>(() => new Subscriber(new QueueOptions("queue", file, 4096))).Message);
    }

    [Fact]
    public void DirectoryThatIsNotWritableIsNamed()
    {
        // Nobody makes files there, the superuser neither.
        const string Directory = "/sys/kernel";
        var thrown = Assert.Throws<QueueException>(
            () => new Publisher(new QueueOptions("queue", Directory, 4096)));
        Assert.Contains(Directory, thrown.Message);
        Assert.Equal(QueueError.PermissionDenied, thrown.Error);
    }

    [Theory]
    [InlineData(QueueProtocol.CloudtoidV2)]
    [InlineData(QueueProtocol.CloudtoidV3)]
    public void DirectoryThatIsMissingIsMadeInTheOriginalsFormats(QueueProtocol protocol)
    {
        string path = Path.Combine(scratch.Path, "missing", protocol.ToString());
        var options = new QueueOptions("queue", path, 4096) { Protocol = protocol };
        using var publisher = new Publisher(options);
        Assert.True(publisher.TryEnqueue([1]));
        Assert.True(Directory.Exists(path));
    }

    [Fact]
    public void AccountThatNobodyKnowsIsNamed()
    {
        var options = new QueueOptions("queue", scratch.Path, 4096) { Account = "nobody-of-that-name" };
        Assert.Contains(
            "nobody-of-that-name", Assert.Throws<QueueException>(() => new Publisher(options)).Message);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("nul\0")]
    public void NameThatCannotBeUsedIsAnArgument(string name) =>
        Assert.Throws<ArgumentException>(() => new Publisher(new QueueOptions(name, scratch.Path, 4096)));

    [Fact]
    public void DamagedQueueIsDataLoss()
    {
        QueueOptions options = scratch.NewQueue();
        using (var publisher = new Publisher(Kept(options)))
        {
            publisher.TryEnqueue([1, 2, 3]);
            string file = new QueueInspector(options).Report().Path;
            byte[] bytes = File.ReadAllBytes(file);
            bytes.AsSpan(0, 64).Fill(0xff);
            File.WriteAllBytes(file + ".new", bytes);
            File.Move(file + ".new", file, overwrite: true);
        }

        Assert.Equal(
            QueueError.DataLoss, Assert.Throws<QueueException>(() => new Subscriber(options)).Error);
    }

    [Fact]
    public void NegativeTimeoutIsOutOfRange()
    {
        QueueOptions options = scratch.NewQueue();
        using var subscriber = new Subscriber(options);
        Assert.Equal(
            "timeout",
            Assert.Throws<ArgumentOutOfRangeException>(
                () => subscriber.Dequeue(TimeSpan.FromMilliseconds(-2), Stop, out _)).ParamName);
    }

    private static QueueOptions Kept(QueueOptions options) =>
        new(options.QueueName, options.Path, options.Capacity) { KeepUndelivered = true };

    [Fact]
    public void DisposedInspectorSaysSo()
    {
        QueueOptions options = scratch.NewQueue();
        using var publisher = new Publisher(options);
        var inspector = new QueueInspector(options);
        inspector.Dispose();
        inspector.Dispose();
        Action[] calls =
        [
            () => inspector.Report(),
            () => inspector.Check(),
            () => inspector.Peek(1),
            () => inspector.Repair(),
        ];
        Assert.All(calls, call => Assert.Contains(
            options.QueueName, Assert.Throws<ObjectDisposedException>(call).Message));
    }
}
