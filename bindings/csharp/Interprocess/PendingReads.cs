using System;
using System.Collections.Generic;

namespace Interprocess;

/// <summary>The asynchronous calls that wait on one subscriber, in the order they came.</summary>
internal sealed class PendingReads
{
    private readonly LinkedList<PendingRead> reads = new();
    private bool closed;

    /// <summary>Gets a value indicating whether nobody waits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (reads)
            {
                return reads.Count == 0;
            }
        }
    }

    /// <summary>False if the subscriber was disposed.</summary>
    public bool Add(PendingRead read)
    {
        lock (reads)
        {
            if (closed)
            {
                return false;
            }

            reads.AddLast(read);
            return true;
        }
    }

    /// <summary>True if it still waited, and now does not: whoever gets true ends it.</summary>
    public bool Withdraw(PendingRead read)
    {
        lock (reads)
        {
            return reads.Remove(read);
        }
    }

    /// <summary>Gives them what there is, one after the other.</summary>
    public void Serve()
    {
        while (true)
        {
            PendingRead first;
            Exception? error = null;
            lock (reads)
            {
                if (reads.First is null)
                {
                    return;
                }

                // Under the lock, so that no message is taken for one that is withdrawn.
                first = reads.First.Value;
                try
                {
                    if (!first.Attempt())
                    {
                        return;
                    }
                }
                catch (Exception e)
                {
                    error = e;
                }

                reads.RemoveFirst();
            }

            if (error is null)
            {
                first.Complete();
            }
            else
            {
                first.Fail(error);
            }
        }
    }

    /// <summary>Ends them all, and those that come later.</summary>
    public void Close(Func<Exception> error)
    {
        PendingRead[] rest;
        lock (reads)
        {
            closed = true;
            rest = new PendingRead[reads.Count];
            reads.CopyTo(rest, 0);
            reads.Clear();
        }

        foreach (PendingRead read in rest)
        {
            read.Fail(error());
        }
    }
}
