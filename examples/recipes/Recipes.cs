// The recipes of docs/recipes in C#, each with a test. Argument: a directory for queues.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using Interprocess;

string directory = args[0];
var factory = new QueueFactory();
var publishers = new Dictionary<string, IPublisher>();
var subscribers = new Dictionary<string, ISubscriber>();
foreach (string name in new[] { "jobs", "dead", "requests", "replies", "urgent", "normal" })
{
    var options = new QueueOptions(name, directory, 4096);
    publishers[name] = factory.CreatePublisher(options);
    subscribers[name] = factory.CreateSubscriber(options);
}

IPublisher jobs = publishers["jobs"];
ISubscriber worker = subscribers["jobs"];

jobs.TryEnqueue("job"u8);
Check(!Recipes.WorkOnce(worker, (_, _) => false), "a job that fails is given back");
Check(Recipes.WorkOnce(worker, (job, perhapsDone) => job == "job" && !perhapsDone), "again");

jobs.TryEnqueue("poison"u8);
int tries = 0;
while (!Recipes.WorkOrSetAside(worker, publishers["dead"], (_, _) => ++tries < 0))
{
    Check(tries < 10, "set aside");
}

Check(tries == 3, "tried three times");
Check(Text(subscribers["dead"].Dequeue(CancellationToken.None)) == "poison", "the dead letter");

publishers["replies"].TryEnqueue("6\nof an earlier request"u8);
Task server = Task.Run(() =>
    Recipes.AnswerOnce(subscribers["requests"], directory, question => question + " yourself"));
string? reply = Recipes.Ask(publishers["requests"], subscribers["replies"], "replies", 7, "hello");
Check(reply == "hello yourself", $"the reply: {reply}");
await server;
publishers["requests"].TryEnqueue("nobody\n1\nhello"u8);
Recipes.AnswerOnce(subscribers["requests"], directory, question => question);

for (int i = 0; i < 64; ++i)
{
    Check(Recipes.SendOrDrop(jobs, "21.5"), "64 readings fit");
}

Check(!Recipes.SendOrDrop(jobs, "21.5"), "the 65th is dropped");
Check(Recipes.HandleMany(worker, reading => Check(reading == "21.5", reading)) == 64, "a batch");

publishers["normal"].TryEnqueue("one"u8);
publishers["urgent"].TryEnqueue("two"u8);
var handled = new List<string>();
using (var stop = new CancellationTokenSource())
{
    Task both = Recipes.HandleByPriority(
        subscribers["urgent"],
        subscribers["normal"],
        message =>
        {
            handled.Add(message);
            if (handled.Count == 2)
            {
                stop.Cancel();
            }
        },
        stop.Token);
    await both.ContinueWith(_ => { }, TaskScheduler.Default);
    Check(handled.SequenceEqual(["two", "one"]), "by priority: " + string.Join(", ", handled));
}

Recipes.SendAll(jobs, new ReadOnlyMemory<byte>[] { "a"u8.ToArray(), "b"u8.ToArray() });
Check(Recipes.HandleMany(worker, handled.Add) == 2, "both of a batch");

Recipes.SendJson(jobs, new Order(7, 99));
Check(Recipes.ReceiveJson<Order>(worker)?.Amount == 99, "JSON");

using (var stop = new CancellationTokenSource())
{
    Task reading = Recipes.ReadIn(worker, message =>
    {
        Check(message == "event", message);
        stop.Cancel();
    }, stop.Token);
    jobs.TryEnqueue("event"u8);
    await reading.ContinueWith(_ => { }, TaskScheduler.Default);
    Check(reading.IsCanceled, "the loop ends when it is told to");
}

foreach (IDisposable endpoint in publishers.Values.Concat<IDisposable>(subscribers.Values))
{
    endpoint.Dispose();
}

Console.WriteLine("all recipes work");

static string Text(ReadOnlyMemory<byte> message) => Encoding.UTF8.GetString(message.Span);

static void Check(bool holds, string what)
{
    if (!holds)
    {
        throw new InvalidOperationException(what);
    }
}

internal sealed record Order(long Number, int Amount);

internal static class Recipes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    // [work_queue]
    // Does one job. A job that fails, or whose worker dies, comes to a worker again.
    public static bool WorkOnce(ISubscriber jobs, Func<string, bool, bool> work)
    {
        if (!jobs.Borrow(Patience, CancellationToken.None, out BorrowedMessage job))
        {
            return false;
        }

        using (job) // given back where it was not acknowledged
        {
            if (!work(Encoding.UTF8.GetString(job.Bytes), job.Redelivered))
            {
                return false;
            }

            job.Acknowledge();
            return true;
        }
    }

    // [end]

    // [poison]
    // Does one job, or sets it aside if it was handed out three times before.
    public static bool WorkOrSetAside(
        ISubscriber jobs,
        IPublisher deadLetters,
        Func<string, bool, bool> work)
    {
        if (!jobs.Borrow(Patience, CancellationToken.None, out BorrowedMessage job))
        {
            return false;
        }

        using (job)
        {
            bool done = job.Info.EarlierDeliveries < 3
                ? work(Encoding.UTF8.GetString(job.Bytes), job.Redelivered)
                : deadLetters.Enqueue(job.Bytes, Patience);
            if (done)
            {
                job.Acknowledge(); // only now: killed before, the job is in one queue at least
            }

            return done;
        }
    }

    // [end]

    // [request]
    // Sends a request, and waits for the reply with its number; null if none comes.
    public static string? Ask(
        IPublisher requests,
        ISubscriber replies,
        string replyQueue,
        long number,
        string question)
    {
        requests.Enqueue(Encoding.UTF8.GetBytes($"{replyQueue}\n{number}\n{question}"), Patience);
        while (replies.Dequeue(Patience, CancellationToken.None, out ReadOnlyMemory<byte> reply))
        {
            string[] parts = Encoding.UTF8.GetString(reply.Span).Split('\n', 2);
            if (parts[0] == number.ToString())
            {
                return parts[1]; // others are of earlier requests
            }
        }

        return null;
    }

    // [end]

    // [reply]
    // Answers one request. If this server dies, another one answers it.
    public static void AnswerOnce(
        ISubscriber requests,
        string directory,
        Func<string, string> answer)
    {
        if (!requests.Borrow(Patience, CancellationToken.None, out BorrowedMessage request))
        {
            return;
        }

        using (request)
        {
            string[] parts = Encoding.UTF8.GetString(request.Bytes).Split('\n', 3);
            if (parts.Length == 3)
            {
                var options = new QueueOptions(parts[0], directory, 4096)
                {
                    Mode = QueueOpenMode.OpenExisting,
                };
                try
                {
                    using IPublisher replies = new QueueFactory().CreatePublisher(options);
                    replies.Enqueue(
                        Encoding.UTF8.GetBytes($"{parts[1]}\n{answer(parts[2])}"),
                        Patience);
                }
                catch (QueueException e) when (e.Error == QueueError.NotFound)
                {
                    // The client has gone.
                }
            }

            request.Acknowledge();
        }
    }

    // [end]

    // [backpressure]
    // Sends a reading, or drops it when no subscriber has made room for 10 ms.
    public static bool SendOrDrop(IPublisher readings, string reading) =>
        readings.Enqueue(Encoding.UTF8.GetBytes(reading), TimeSpan.FromMilliseconds(10));

    // [end]

    // [priorities]
    // Handles messages as they come, urgent ones first. No thread waits.
    public static async Task HandleByPriority(
        ISubscriber urgent,
        ISubscriber normal,
        Action<string> handle,
        CancellationToken stop)
    {
        var urgentOnes = urgent.AsChannelReader();
        var normalOnes = normal.AsChannelReader();
        while (!stop.IsCancellationRequested)
        {
            if (urgentOnes.TryRead(out ReadOnlyMemory<byte> message)
                || normalOnes.TryRead(out message))
            {
                handle(Encoding.UTF8.GetString(message.Span));
                continue;
            }

            using var other = CancellationTokenSource.CreateLinkedTokenSource(stop);
            await Task.WhenAny(
                urgentOnes.WaitToReadAsync(other.Token).AsTask(),
                normalOnes.WaitToReadAsync(other.Token).AsTask());
            other.Cancel(); // ends the wait of the other one
        }
    }

    // [end]

    // [batch]
    // Sends all messages, up to 256 per call; waits where there is no room.
    public static void SendAll(IPublisher publisher, ReadOnlyMemory<byte>[] messages)
    {
        for (int sent = 0; sent < messages.Length;)
        {
            int count = Math.Min(messages.Length - sent, 256);
            sent += publisher.EnqueueBatch(messages.AsSpan(sent, count), Timeout.InfiniteTimeSpan);
        }
    }

    // Handles what is there, up to 256 messages per call, each in place.
    public static int HandleMany(ISubscriber subscriber, Action<string> handle) =>
        subscriber.DequeueBatch(
            256,
            (message, _) => handle(Encoding.UTF8.GetString(message)),
            Patience);

    // [end]

    // [event_loop]
    // Handles messages one after the other, without a thread that waits, until it is told to stop.
    public static async Task ReadIn(
        ISubscriber subscriber,
        Action<string> handle,
        CancellationToken stop)
    {
        await foreach (ReadOnlyMemory<byte> message in subscriber.ReadAllAsync(stop))
        {
            handle(Encoding.UTF8.GetString(message.Span));
        }
    }

    // [end]

    // [json]
    public static void SendJson<T>(IPublisher publisher, T value) =>
        publisher.Enqueue(JsonSerializer.SerializeToUtf8Bytes(value));

    // Reads it out of the queue's memory.
    public static T? ReceiveJson<T>(ISubscriber subscriber)
    {
        using BorrowedMessage message = subscriber.Borrow();
        T? value = JsonSerializer.Deserialize<T>(message.Bytes);
        message.Acknowledge();
        return value;
    }

    // [end]
}
