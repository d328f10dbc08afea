using System;
using System.Collections.Generic;
using Interprocess.Interop;

#if CLOUDTOID
namespace Cloudtoid.Interprocess;
#else
namespace Interprocess;
#endif

/// <summary>
/// Looks at a queue of the native protocol without being a participant: one that only inspectors look
/// at is not kept from being removed. Thread-safe.
/// </summary>
public sealed class QueueInspector : IDisposable
{
    private readonly NativeInspector native;
    private readonly string queueName;

    /// <summary>Opens a queue to look at it.</summary>
    /// <param name="options">Its name and directory; nothing else of them is used.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="QueueException">There is none, or it cannot be opened.</exception>
    public QueueInspector(QueueOptions options)
    {
        queueName = (options ?? throw new ArgumentNullException(nameof(options))).QueueName;
        if (options.Protocol != QueueProtocol.Native)
        {
            throw new QueueException(
                QueueError.Unimplemented,
                $"Queue '{queueName}' has the protocol {options.Protocol}: only native queues can be inspected.");
        }

        using var error = new NativeError();
        native = NativeInspector.Open(queueName, options.NativeDirectory, (int)options.Protocol, error) ?? throw Failure(error);
    }

    /// <summary>Tells what is in the queue, and who uses it.</summary>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public QueueReport Report()
    {
        using var error = new NativeError();
        using NativeReport report = native.Report(error) ?? throw Failure(error);
        GC.KeepAlive(native);
        var participants = new List<ParticipantReport>();
        for (int i = 0; i < report.ParticipantCount(); ++i)
        {
            using NativeParticipant participant = report.Participant(i);
            participants.Add(new ParticipantReport
            {
                Id = participant.Id,
                Role = participant.Role,
                Alive = participant.Alive,
                ProcessId = participant.ProcessId,
                WaitsFor = participant.WaitsFor,
                Messages = participant.Messages,
                Bytes = participant.Bytes,
                FullOrEmpty = participant.FullOrEmpty,
                Sleeps = participant.Sleeps,
                Holds = participant.Holds,
            });
        }

        return new QueueReport
        {
            Name = report.Name,
            Path = report.Path,
            Capacity = report.Capacity,
            FileSize = report.FileSize,
            Ready = report.Ready,
            ReadyBytes = report.ReadyBytes,
            Reserved = report.Reserved,
            Claimed = report.Claimed,
            Returned = report.Returned,
            Participants = participants,
        };
    }

    /// <summary>Checks every invariant of the queue. Empty: sound.</summary>
    /// <exception cref="QueueException">The queue cannot be read.</exception>
    public IReadOnlyList<QueueFinding> Check()
    {
        using var error = new NativeError();
        using NativeFindings findings = native.Check(error) ?? throw Failure(error);
        GC.KeepAlive(native);
        var result = new QueueFinding[findings.Count()];
        for (int i = 0; i < result.Length; ++i)
        {
            result[i] = new QueueFinding(findings.Damaged(i), findings.What(i));
        }

        return result;
    }

    /// <summary>
    /// Joins the queue for a moment and does what any participant does when it finds another dead.
    /// </summary>
    /// <returns>How many dead participants were resolved.</returns>
    /// <exception cref="QueueException">It cannot be opened for writing.</exception>
    public int Repair()
    {
        using var error = new NativeError();
        int resolved = native.Repair(error);
        return resolved >= 0 ? resolved : throw Failure(error);
    }

    /// <summary>Does nothing: what it holds goes with the garbage collector.</summary>
    public void Dispose()
    {
        // A call may be on its way in another thread, so the native object goes with the finalizer.
    }

    private static QueueException Failure(NativeError error) =>
        new((QueueError)error.Code(), error.Text());
}
