// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

public sealed class DependencyInjectionTest : IDisposable
{
    private readonly Scratch scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public void FactoryIsASingletonAndTheFirstStays()
    {
        var own = new QueueFactory();
        using ServiceProvider provider = new ServiceCollection()
            .AddInterprocessQueue()
            .AddInterprocessQueue()
            .BuildServiceProvider();
        Assert.Same(
            provider.GetRequiredService<IQueueFactory>(), provider.GetRequiredService<IQueueFactory>());
        Assert.Single(provider.GetServices<IQueueFactory>());
        using ServiceProvider other = new ServiceCollection()
            .AddSingleton<IQueueFactory>(own)
            .AddInterprocessQueue()
            .BuildServiceProvider();
        Assert.Same(own, other.GetRequiredService<IQueueFactory>());
        Assert.Equal(
            "services",
            Assert.Throws<ArgumentNullException>(
                () => ((IServiceCollection)null!).AddInterprocessQueue()).ParamName);
    }

    [Fact]
    public void EndpointsLogToTheContainersLoggers()
    {
        var log = new ListLogger();
        using ServiceProvider provider = new ServiceCollection()
            .AddInterprocessQueue()
            .AddLogging(logging => logging.AddProvider(log).SetMinimumLevel(LogLevel.Debug))
            .BuildServiceProvider();
        QueueOptions options = scratch.NewQueue();
        provider.GetRequiredService<IQueueFactory>().CreatePublisher(options).Dispose();
        Assert.Contains(log.Lines, line => line.Contains(options.QueueName) && line.Contains("opened"));
        Assert.Contains(log.Lines, line => line.Contains(options.QueueName) && line.Contains("closed"));
    }

    [Fact]
    public void OptionsComeFromACallback()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddInterprocessQueue(options =>
            {
                options.QueueName = "orders";
                options.Path = scratch.Path;
                options.Capacity = 4096;
            })
            .BuildServiceProvider();
        var options = provider.GetRequiredService<QueueOptions>();
        Assert.Equal("orders", options.QueueName);
        Assert.Equal(scratch.Path, options.Path);
        Assert.Equal(4096, options.Capacity);
        provider.GetRequiredService<IQueueFactory>().CreatePublisher(options).Dispose();
    }

    [Fact]
    public void OptionsComeFromConfiguration()
    {
        IConfiguration configuration = Configuration(
            ("Queue:QueueName", "orders"),
            ("Queue:Path", scratch.Path),
            ("Queue:Capacity", "8192"),
            ("Queue:Protocol", "cloudtoidv2"),
            ("Queue:KeepUndelivered", "false"),
            ("Queue:Account", "operators"),
            ("Queue:AcrossSessions", "true"),
            ("Queue:Spin", "00:00:00.001"),
            ("Other:QueueName", "other"));
        using ServiceProvider provider = new ServiceCollection()
            .AddInterprocessQueue(configuration.GetSection("Queue"))
            .AddInterprocessQueue("other", configuration.GetSection("Other"))
            .BuildServiceProvider();
        var options = provider.GetRequiredService<QueueOptions>();
        Assert.Equal("orders", options.QueueName);
        Assert.Equal(scratch.Path, options.Path);
        Assert.Equal(8192, options.Capacity);
        Assert.Equal(QueueProtocol.CloudtoidV2, options.Protocol);
        Assert.False(options.KeepUndelivered);
        Assert.Equal("operators", options.Account);
        Assert.True(options.AcrossSessions);
        Assert.Equal(TimeSpan.FromMilliseconds(1), options.Spin);
        QueueOptions other = provider.GetRequiredService<IOptionsMonitor<InterprocessQueueOptions>>()
            .Get("other").ToQueueOptions();
        Assert.Equal("other", other.QueueName);
        Assert.Equal(QueueProtocol.Native, other.Protocol);
        Assert.True(other.KeepUndelivered);
    }

    [Theory]
    [InlineData("Capacity", "many")]
    [InlineData("Protocol", "morse")]
    [InlineData("KeepUndelivered", "maybe")]
    public void WrongConfigurationNamesKeyAndValue(string key, string value)
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddInterprocessQueue(Configuration(("QueueName", "orders"), (key, value)))
            .BuildServiceProvider();
        var thrown = Assert.Throws<ArgumentException>(() => provider.GetRequiredService<QueueOptions>());
        Assert.Equal(key, thrown.ParamName);
        Assert.Contains(value, thrown.Message);
    }

    [Theory]
    [InlineData(QueueProtocol.Native)]
    [InlineData(QueueProtocol.CloudtoidV2)]
    [InlineData(QueueProtocol.CloudtoidV3)]
    public async Task HealthCheckTellsSoundFromDamagedAndUnopenable(QueueProtocol protocol)
    {
        QueueOptions plain = scratch.NewQueue();
        var options = new QueueOptions(plain.QueueName, plain.Path, plain.Capacity) { Protocol = protocol };
        using var publisher = new Publisher(options);
        publisher.TryEnqueue([1, 2, 3]);
        Assert.Equal(HealthStatus.Healthy, await Check(options));
        Assert.Equal(1, new QueueInspector(options).Report().Ready);
        Assert.Equal(
            HealthStatus.Unhealthy,
            await Check(new QueueOptions(options.QueueName, "/sys/kernel", 4096) { Protocol = protocol }));
        Assert.Equal(
            HealthStatus.Unhealthy,
            await Check(new QueueOptions(options.QueueName, scratch.Path, 1024 * 1024) { Protocol = protocol }));
    }

    [Theory]
    [InlineData(QueueProtocol.Native)]
    [InlineData(QueueProtocol.CloudtoidV3)]
    public async Task HealthCheckIsNoParticipant(QueueProtocol protocol)
    {
        QueueOptions plain = scratch.NewQueue();
        var options = new QueueOptions(plain.QueueName, plain.Path, plain.Capacity) { Protocol = protocol };
        Assert.Equal(0, await Participants(options));
        using var publisher = new Publisher(options);
        Assert.Equal(1, await Participants(options));
        using var subscriber = new Subscriber(options);
        Assert.Equal(2, await Participants(options));

        static async Task<object> Participants(QueueOptions options)
        {
            var check = new QueueHealthCheck(options);
            HealthCheckResult result = await check.CheckHealthAsync(new(), TestContext.Current.CancellationToken);
            Assert.Equal(HealthStatus.Healthy, result.Status);
            return result.Data["participants"];
        }
    }

    private static async Task<HealthStatus> Check(QueueOptions options)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddHealthChecks().AddInterprocessQueue(options);
        using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>()
            .CheckHealthAsync(TestContext.Current.CancellationToken);
        return report.Entries["interprocess-queue"].Status;
    }

    private static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(values.Select(v => new KeyValuePair<string, string?>(v.Key, v.Value)))
            .Build();
}

public sealed class ListLogger : ILoggerProvider, ILogger
{
    private readonly List<string> lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (lines)
            {
                return lines.ToArray();
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        lock (lines)
        {
            lines.Add(formatter(state, exception));
        }
    }

    public void Dispose()
    {
    }
}
