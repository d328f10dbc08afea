// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Cloudtoid.Interprocess;
using Microsoft.Extensions.Logging;
using Xunit;
using QueueError = Interprocess.QueueError;
using QueueException = Interprocess.QueueException;
using QueueProtocol = Interprocess.QueueProtocol;

/// <summary>What the package that replaces the original does beyond the original.</summary>
public sealed class DropInExtrasTest : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("drop-in-").FullName;
    private readonly List<string> warnings = [];
    private readonly ILoggerFactory loggers;
    private readonly QueueFactory factory;

    public DropInExtrasTest()
    {
        loggers = LoggerFactory.Create(builder => builder.AddProvider(new Warnings(warnings)));
        factory = new QueueFactory(loggers);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        loggers.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void MessageThatNeverFitsIsFalseAndLoggedOnceForEachPublisher()
    {
        var options = new QueueOptions("q", directory, 1024);
        using IPublisher one = factory.CreatePublisher(options);
        using IPublisher other = factory.CreatePublisher(options);
        int most = (int)one.AsPublisher().MaxMessageSize;
        for (int i = 1; i < 100; ++i)
        {
            Assert.False(one.TryEnqueue(new byte[most + i]));
        }

        string warning = Assert.Single(warnings);
        Assert.Contains($"{most + 1} bytes", warning);
        Assert.Contains($"at most {most}", warning);
        Assert.Contains("'q'", warning);
        Assert.False(other.TryEnqueue(new byte[5000]));
        Assert.Equal(2, warnings.Count);

        Assert.True(one.TryEnqueue(new byte[most]));
        Assert.False(one.TryEnqueue(new byte[most])); // Full, which is no reason for a warning.
        Assert.Equal(2, warnings.Count);
    }

    [Fact]
    public void UndeliveredMessagesGoUnlessTheOptionsSaySo()
    {
        foreach (bool? keep in new bool?[] { null, false, true })
        {
            var options = new QueueOptions($"q{keep}", directory, 4096) { Protocol = QueueProtocol.Native };
            if (keep is bool said)
            {
                options = new QueueOptions($"q{keep}", directory, 4096)
                {
                    Protocol = QueueProtocol.Native,
                    KeepUndelivered = said,
                };
            }

            using (IPublisher publisher = factory.CreatePublisher(options))
            {
                Assert.True(publisher.TryEnqueue(new byte[3]));
            }

            using ISubscriber subscriber = factory.CreateSubscriber(options);
            Assert.Equal(keep == true, subscriber.TryDequeue(Stop, out _));
        }
    }

    [Fact]
    public async Task InterfacesLeadToTheirParticipants()
    {
        var options = new QueueOptions("q", directory, 1024);
        using IPublisher publisher = factory.CreatePublisher(options);
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        Assert.Equal(1024, publisher.AsPublisher().Capacity);
        ValueTask<ReadOnlyMemory<byte>> read = subscriber.AsSubscriber().DequeueAsync(Stop);
        publisher.AsPublisher().Enqueue([1, 2], Stop);
        Assert.Equal([1, 2], (await read).ToArray());

        subscriber.Dispose();
        Assert.Throws<ObjectDisposedException>(() => subscriber.AsSubscriber().TryDequeue(default, out _));
        Assert.Equal("publisher", Assert.Throws<ArgumentNullException>(() => ((IPublisher)null!).AsPublisher()).ParamName);
        Assert.Equal(
            "subscriber", Assert.Throws<ArgumentNullException>(() => ((ISubscriber)null!).AsSubscriber()).ParamName);
        Assert.Throws<NotSupportedException>(() => new Stub().AsPublisher());
    }

    [Fact]
    public void OtherFailuresKeepTheirReason()
    {
        using IPublisher small = factory.CreatePublisher(new QueueOptions("q", directory, 1024));
        var larger = Assert.Throws<QueueException>(
            () => factory.CreatePublisher(new QueueOptions("q", directory, 2048)));
        Assert.Equal(QueueError.FailedPrecondition, larger.Error);
        var bad = Assert.Throws<ArgumentException>(
            () => factory.CreatePublisher(new QueueOptions("..", directory, 1024)));
        Assert.Contains("'..'", bad.Message);
    }

    private sealed class Stub : IPublisher
    {
        public bool TryEnqueue(ReadOnlySpan<byte> message) => false;

        public void Dispose()
        {
        }
    }

    private sealed class Warnings(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
