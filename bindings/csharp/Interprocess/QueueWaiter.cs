using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Interprocess.Interop;

#if CLOUDTOID
namespace Cloudtoid.Interprocess;
#else
namespace Interprocess;
#endif

/// <summary>
/// One thread that waits on all queues with asynchronous reads of this process: on up to
/// <see cref="MostQueues"/>, for more there are more. It starts with the first read that has to wait.
/// </summary>
internal sealed unsafe class QueueWaiter
{
    // The kernel waits on 128 words at once; one is the bell.
    private const int MostQueues = 127;

    private static readonly object AllLock = new();
    private static readonly List<QueueWaiter> All = [];

    private readonly FaceBell bell = new();
    private readonly List<Subscriber> arriving = [];
    private readonly Dictionary<Subscriber, Alarm> watched = [];
    private readonly List<Subscriber> leaving = [];
    private int load;

    private QueueWaiter()
    {
        new Thread(Run) { IsBackground = true, Name = "Interprocess waiter" }.Start();
    }

    /// <summary>The waiter that a subscriber uses from its first asynchronous read on.</summary>
    public static QueueWaiter Join()
    {
        lock (AllLock)
        {
            QueueWaiter? free = All.Find(waiter => waiter.load < MostQueues);
            if (free is null)
            {
                free = new QueueWaiter();
                All.Add(free);
            }

            ++free.load;
            return free;
        }
    }

    /// <summary>A read of the subscriber waits.</summary>
    public void Watch(Subscriber subscriber)
    {
        lock (arriving)
        {
            arriving.Add(subscriber);
        }

        bell.Ring();
    }

    /// <summary>
    /// Returns when the thread does not look at the subscriber any more. Its reads are closed.
    /// </summary>
    public void Leave(Subscriber subscriber)
    {
        lock (arriving)
        {
            leaving.Add(subscriber);
            bell.Ring();
            while (leaving.Contains(subscriber))
            {
                Monitor.Wait(arriving);
            }
        }

        lock (AllLock)
        {
            --load;
        }
    }

    private static long Now() => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    private void Run()
    {
        long* places = stackalloc long[2 * (MostQueues + 1)];
        var due = new List<Subscriber>();
        while (true)
        {
            // The bell's value first: who rings after this ends the sleep below.
            places[0] = bell.Word();
            places[1] = bell.Value();
            AdmitAndDismiss(due);
            foreach (Subscriber subscriber in due)
            {
                ArmAndServe(subscriber);
            }

            due.Clear();
            int count = 1;
            long deadline = long.MaxValue;
            foreach (Alarm alarm in watched.Values)
            {
                deadline = Math.Min(deadline, alarm.Deadline);
                if (alarm.Word != null)
                {
                    places[2 * count] = (long)alarm.Word;
                    places[(2 * count) + 1] = alarm.Value;
                    ++count;
                }
            }

            FaceCalls.FaceWaitAny((nint)places, count, Math.Max(0, deadline - Now()));
            long now = Now();
            foreach (KeyValuePair<Subscriber, Alarm> one in watched)
            {
                if (now >= one.Value.Deadline || one.Value.HasChanged)
                {
                    due.Add(one.Key);
                }
            }
        }
    }

    private void AdmitAndDismiss(List<Subscriber> due)
    {
        lock (arriving)
        {
            foreach (Subscriber subscriber in arriving)
            {
                if (!watched.ContainsKey(subscriber))
                {
                    watched.Add(subscriber, default);
                }

                if (!due.Contains(subscriber))
                {
                    due.Add(subscriber);
                }
            }

            arriving.Clear();
            if (leaving.Count == 0)
            {
                return;
            }

            foreach (Subscriber subscriber in leaving)
            {
                watched.Remove(subscriber);
                due.Remove(subscriber);
            }

            leaving.Clear();
            Monitor.PulseAll(arriving);
        }
    }

    private void ArmAndServe(Subscriber subscriber)
    {
        // Armed before the last look, so whoever enqueues after that look changes the word.
        Alarm alarm = subscriber.Arm(watched[subscriber], Now());
        subscriber.Reads.Serve();
        if (subscriber.Reads.IsEmpty)
        {
            // Whoever adds one after this comes to Watch after it.
            watched.Remove(subscriber);
            return;
        }

        watched[subscriber] = alarm;
    }

    /// <summary>What ends the sleep for one queue.</summary>
    internal readonly struct Alarm
    {
        public Alarm(uint* word, uint value, long deadline)
        {
            Word = word;
            Value = value;
            Deadline = deadline;
        }

        /// <summary>Gets the word in the queue's memory; null if only the time ends the sleep.</summary>
        public uint* Word { get; }

        public uint Value { get; }

        /// <summary>Gets when the queue is looked at in any case, in nanoseconds.</summary>
        public long Deadline { get; }

        public bool HasChanged => Word != null && Volatile.Read(ref *Word) != Value;
    }
}
