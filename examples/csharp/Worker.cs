// A worker service: options from configuration, a health check, messages acknowledged when they have
// been dealt with.
//
//   worker --Queue:QueueName=greetings --Queue:Path=/tmp/queues

using System;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.Services.AddInterprocessQueue(builder.Configuration.GetSection("Queue"));
builder.Services.AddHealthChecks().AddInterprocessQueue();
builder.Services.AddHostedService<Worker>();
builder.Build().Run();

internal sealed class Worker(IQueueFactory factory, QueueOptions options, ILogger<Worker> logger)
    : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Work(stoppingToken), TaskCreationOptions.LongRunning);

    private void Work(CancellationToken stop)
    {
        using ISubscriber subscriber = factory.CreateSubscriber(options);
        try
        {
            while (true)
            {
                // Lent until it is acknowledged: if this process is killed before, another subscriber
                // gets it, marked redelivered.
                using BorrowedMessage message = subscriber.Borrow(stop);
                logger.LogInformation(
                    "received: {Greeting}{Again}",
                    Encoding.UTF8.GetString(message.Bytes),
                    message.Redelivered ? " (perhaps not for the first time)" : string.Empty);
                message.Acknowledge();
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
