using System;
using System.Collections.Generic;
using Interprocess.Interop;

#if CLOUDTOID
namespace Cloudtoid.Interprocess;
#else
namespace Interprocess;
#endif

/// <summary>
/// Looks at a queue without being a participant: one that only inspectors look at is not kept from being
/// removed. Thread-safe.
/// </summary>
public sealed class QueueInspector : IDisposable
{
    private readonly FaceInspector native;

    /// <summary>Opens a queue to look at it.</summary>
    /// <param name="options">Its name, directory and protocol; nothing else of them is used.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="QueueException">There is none, or it cannot be opened.</exception>
    public QueueInspector(QueueOptions options)
    {
        if (options is null)
        {
            throw new ArgumentNullException(nameof(options));
        }

        using var error = new FaceError();
        native = FaceInspector.Open(
            options.QueueName, options.FaceDirectory, (int)options.Protocol, error) ?? throw Failure(error);
    }

    /// <summary>Tells what is in the queue, and who uses it.</summary>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public QueueReport Report()
    {
        using var error = new FaceError();
        using FaceReport report = native.Report(error) ?? throw Failure(error);
        GC.KeepAlive(native);
        var participants = new List<ParticipantReport>();
        for (int i = 0; i < report.ParticipantCount(); ++i)
        {
            using FaceParticipant participant = report.Participant(i);
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
            Protocol = (QueueProtocol)report.Protocol,
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
        using var error = new FaceError();
        using FaceFindings findings = native.Check(error) ?? throw Failure(error);
        GC.KeepAlive(native);
        var result = new QueueFinding[findings.Count()];
        for (int i = 0; i < result.Length; ++i)
        {
            result[i] = new QueueFinding(findings.Damaged(i), findings.What(i));
        }

        return result;
    }

    /// <summary>Copies messages that wait, the oldest first, and leaves them.</summary>
    /// <param name="max">The most messages to copy.</param>
    /// <returns>What was there; another may have taken some meanwhile.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A negative <paramref name="max"/>.</exception>
    /// <exception cref="QueueException">The queue cannot be read.</exception>
    public unsafe IReadOnlyList<byte[]> Peek(int max)
    {
        if (max < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, "There are no less than 0 messages.");
        }

        using var error = new FaceError();
        using FaceMessages messages = native.Peek(max, error) ?? throw Failure(error);
        var result = new byte[messages.Count()][];
        for (int i = 0; i < result.Length; ++i)
        {
            result[i] = new ReadOnlySpan<byte>((void*)messages.Address(i), (int)messages.Size(i)).ToArray();
        }

        GC.KeepAlive(messages);
        return result;
    }

    /// <summary>
    /// Joins the queue for a moment and does what any participant does when it finds another dead.
    /// </summary>
    /// <returns>How many dead participants were resolved.</returns>
    /// <exception cref="QueueException">It cannot be opened for writing.</exception>
    public int Repair()
    {
        using var error = new FaceError();
        int resolved = native.Repair(error);
        return resolved >= 0 ? resolved : throw Failure(error);
    }

    /// <summary>Does nothing: what it holds goes with the garbage collector.</summary>
    public void Dispose()
    {
        // A call may be on its way in another thread, so the native object goes with the finalizer.
    }

    private static QueueException Failure(FaceError error) =>
        new((QueueError)error.Code(), error.Text());
}
