// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using Interprocess.Interop;

namespace Interprocess;

/// <summary>
/// A thread that sleeps until a message arrives in any of the queues with asynchronous reads, and
/// serves the reads. It starts with the first read that has to wait, and ends when no read waits:
/// at once if a subscriber is disposed then, otherwise after <see cref="Linger"/>. One thread
/// serves at most <see cref="MostQueues"/> subscribers; more subscribers get more threads.
/// </summary>
internal sealed unsafe class ReadThread
{
    // The kernel waits on at most 128 words at once; the bell is one of them.
    private const int MostQueues = 127;

    // Nanoseconds. Reads that follow each other within this time share one thread.
    private const long Linger = 1_000_000_000;

    // Guards `Running`, and of each thread and each subscriber what says so.
    private static readonly object Lock = new();
    private static readonly List<ReadThread> Running = [];

    private readonly FaceBell bell = new();
    private readonly Dictionary<Subscriber, Alarm> watched = [];
    private readonly List<Subscriber> due = [];

    // Under `Lock`: subscribers with new reads, and subscribers that their Dispose withdraws.
    private readonly HashSet<Subscriber> arriving = [];
    private readonly HashSet<Subscriber> leaving = [];

    // Under `Lock`: the number of subscribers whose ReadBy is this thread.
    private int load;

    // Under `Lock`: a subscriber was disposed while `load` was 0.
    private bool hurried;

    private ReadThread()
    {
    }

    /// <summary>
    /// Serves a subscriber with a new read from now on, until none of its reads waits.
    /// </summary>
    public static void Watch(Subscriber subscriber)
    {
        ReadThread thread;
        lock (Lock)
        {
            thread = subscriber.ReadBy ??= Join();
            thread.arriving.Add(subscriber);
        }

        thread.bell.Ring();
    }

    /// <summary>
    /// Returns when no thread looks at the subscriber any more. Its reads are closed, and threads
    /// that serve nobody end.
    /// </summary>
    public static void Leave(Subscriber subscriber)
    {
        lock (Lock)
        {
            if (subscriber.ReadBy is { } thread)
            {
                thread.leaving.Add(subscriber);
                thread.bell.Ring();
                while (thread.leaving.Contains(subscriber))
                {
                    Monitor.Wait(Lock);
                }
            }

            foreach (ReadThread idle in Running)
            {
                if (idle.load == 0)
                {
                    idle.hurried = true;
                    idle.bell.Ring();
                }
            }
        }
    }

    /// <summary>Under <see cref="Lock"/>: a thread that has room for one more subscriber.</summary>
    private static ReadThread Join()
    {
        ReadThread? free = Running.Find(thread => thread.load < MostQueues);
        if (free is null)
        {
            free = new ReadThread();
            new Thread(free.Run) { IsBackground = true, Name = "Interprocess reads" }.Start();
            Running.Add(free);
        }

        ++free.load;
        return free;
    }

    private static long Now() => Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency);

    private void Run()
    {
        long* words = stackalloc long[2 * (MostQueues + 1)];
        long idleSince = 0;
        while (true)
        {
            // The value of the bell comes first: a ring after this ends the sleep below.
            words[0] = bell.Word();
            words[1] = bell.Value();
            AdmitAndDismiss();
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
                    words[2 * count] = (long)alarm.Word;
                    words[(2 * count) + 1] = alarm.Value;
                    ++count;
                }
            }

            if (watched.Count > 0)
            {
                idleSince = 0;
            }
            else
            {
                idleSince = idleSince == 0 ? Now() : idleSince;
                deadline = idleSince + Linger;
                if (HasEnded(deadline))
                {
                    return;
                }
            }

            FaceCalls.FaceWaitAny((nint)words, count, Math.Max(0, deadline - Now()));
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

    /// <summary>Ends the thread if it serves nobody, and is not to wait for more reads.</summary>
    private bool HasEnded(long deadline)
    {
        lock (Lock)
        {
            // Watch raises the load under the lock, so no subscriber joins a thread that has ended.
            return load == 0 && (hurried || Now() >= deadline) && Running.Remove(this);
        }
    }

    private void AdmitAndDismiss()
    {
        lock (Lock)
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
            hurried &= load == 0;
            if (leaving.Count == 0)
            {
                return;
            }

            foreach (Subscriber subscriber in leaving)
            {
                watched.Remove(subscriber);
                due.Remove(subscriber);
                Release(subscriber);
            }

            leaving.Clear();
            Monitor.PulseAll(Lock);
        }
    }

    private void ArmAndServe(Subscriber subscriber)
    {
        // The alarm is armed before the last look: a message after that look changes the word.
        Alarm alarm = subscriber.Arm(watched[subscriber], Now(), out Exception? error);
        subscriber.Reads.Serve();
        if (error is not null)
        {
            subscriber.Reads.End(() => error);
        }

        watched[subscriber] = alarm;
        if (!subscriber.Reads.IsEmpty)
        {
            return;
        }

        lock (Lock)
        {
            // A read that was added since has called Watch, or calls it after this.
            if (!arriving.Contains(subscriber) && !leaving.Contains(subscriber))
            {
                watched.Remove(subscriber);
                Release(subscriber);
            }
        }
    }

    /// <summary>Under <see cref="Lock"/>: the subscriber is no longer this thread's.</summary>
    private void Release(Subscriber subscriber)
    {
        subscriber.ReadBy = null;
        --load;
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

        /// <summary>
        /// Gets the word in the memory of the queue; null if only the time ends the sleep.
        /// </summary>
        public uint* Word { get; }

        public uint Value { get; }

        /// <summary>Gets when the thread looks at the queue in any case, in nanoseconds.</summary>
        public long Deadline { get; }

        public bool HasChanged => Word != null && Volatile.Read(ref *Word) != Value;
    }
}
