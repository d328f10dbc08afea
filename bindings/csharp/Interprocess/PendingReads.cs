// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;

namespace Interprocess;

/// <summary>
/// The asynchronous calls that wait on one subscriber, in the order of the calls.
/// </summary>
internal sealed class PendingReads
{
    private readonly LinkedList<PendingRead> reads = new();
    private bool closed;

    /// <summary>Gets a value indicating whether no call waits.</summary>
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

    /// <summary>Adds a call. Returns false if the subscriber was disposed.</summary>
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

    /// <summary>
    /// Removes a call. Returns true if it still waited; the caller of this then ends it.
    /// </summary>
    public bool Withdraw(PendingRead read)
    {
        lock (reads)
        {
            return reads.Remove(read);
        }
    }

    /// <summary>Gives the messages of the queue to the calls, one after the other.</summary>
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

                // Under the lock, so that no message is taken for a call that is withdrawn
                // meanwhile.
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

    /// <summary>Ends all calls with an error. Later calls are not added.</summary>
    public void Close(Func<Exception> error)
    {
        lock (reads)
        {
            closed = true;
        }

        End(error);
    }

    /// <summary>Ends all that wait now.</summary>
    public void End(Func<Exception> error)
    {
        PendingRead[] rest;
        lock (reads)
        {
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
