// SPDX-License-Identifier: MIT

using System;
using System.Collections.Generic;
using Interprocess.Interop;

namespace Interprocess;

/// <summary>
/// Looks at a queue without being a participant: the last participant removes the queue even if an
/// inspector has it open. Thread-safe; calls from several threads take turns.
/// </summary>
public sealed class QueueInspector : IDisposable
{
    private readonly FaceInspector face;
    private readonly string queueName;

    // Under the lock of `face`, which every call holds: Dispose frees what a call uses.
    private bool disposed;

    /// <summary>Opens a queue to look at it.</summary>
    /// <param name="options">
    /// Names the queue by name, directory and protocol. The other options have no effect.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    /// <exception cref="QueueException">There is no such queue, or it cannot be opened.</exception>
    public QueueInspector(QueueOptions options)
    {
        if (options is null)
        {
            throw new ArgumentNullException(nameof(options));
        }

        queueName = options.QueueName;
        using var error = new FaceError();
        face = FaceInspector.Open(queueName, options.FaceDirectory, (int)options.Protocol, error)
            ?? throw Failure(error);
    }

    /// <summary>Reports the contents and the participants of the queue.</summary>
    /// <remarks>Reads every slot of the queue, so the time grows with the capacity.</remarks>
    /// <exception cref="ObjectDisposedException">The inspector was disposed.</exception>
    /// <exception cref="QueueException">The queue is damaged.</exception>
    public QueueReport Report()
    {
        lock (face)
        {
            ThrowIfDisposed();
            using var error = new FaceError();
            using FaceReport report = face.Report(error) ?? throw Failure(error);
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
                OnePublisher = report.OnePublisher,
                OneSubscriber = report.OneSubscriber,
                Ready = report.Ready,
                ReadyBytes = report.ReadyBytes,
                Reserved = report.Reserved,
                Claimed = report.Claimed,
                Returned = report.Returned,
                Participants = participants,
            };
        }
    }

    /// <summary>
    /// About how many messages wait, in a few reads whatever the capacity: see
    /// <see cref="Publisher.ApproximateDepth"/>.
    /// </summary>
    /// <returns>The number of messages.</returns>
    /// <exception cref="ObjectDisposedException">The inspector was disposed.</exception>
    /// <exception cref="QueueException">
    /// <see cref="QueueError.Unimplemented"/>: only the native protocol tells.
    /// </exception>
    public long ApproximateDepth()
    {
        lock (face)
        {
            ThrowIfDisposed();
            using var error = new FaceError();
            long depth = face.ApproximateDepth(error);
            return depth >= 0 ? depth : throw Failure(error);
        }
    }

    /// <summary>Checks every invariant of the queue.</summary>
    /// <returns>What is not as it should be; empty for a sound queue.</returns>
    /// <exception cref="ObjectDisposedException">The inspector was disposed.</exception>
    /// <exception cref="QueueException">The queue cannot be read.</exception>
    public IReadOnlyList<QueueFinding> Check()
    {
        lock (face)
        {
            ThrowIfDisposed();
            using var error = new FaceError();
            using FaceFindings findings = face.Check(error) ?? throw Failure(error);
            var result = new QueueFinding[findings.Count()];
            for (int i = 0; i < result.Length; ++i)
            {
                result[i] = new QueueFinding(findings.Damaged(i), findings.What(i));
            }

            return result;
        }
    }

    /// <summary>
    /// Copies messages that wait, the oldest first, and leaves them in the queue.
    /// </summary>
    /// <param name="max">The largest number of messages to copy.</param>
    /// <returns>The messages. A subscriber may take some of them meanwhile.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="max"/> is negative.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The inspector was disposed.</exception>
    /// <exception cref="QueueException">The queue cannot be read.</exception>
    public unsafe IReadOnlyList<byte[]> Peek(int max)
    {
        if (max < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, "The number of messages is at least 0.");
        }

        lock (face)
        {
            ThrowIfDisposed();
            using var error = new FaceError();
            using FaceMessages messages = face.Peek(max, error) ?? throw Failure(error);
            var result = new byte[messages.Count()][];
            for (int i = 0; i < result.Length; ++i)
            {
                result[i] = new ReadOnlySpan<byte>((void*)messages.Address(i), (int)messages.Size(i)).ToArray();
            }

            GC.KeepAlive(messages);
            return result;
        }
    }

    /// <summary>
    /// Joins the queue for a moment and does what any participant does when it finds another one
    /// dead.
    /// </summary>
    /// <returns>The number of dead participants that the call resolved.</returns>
    /// <exception cref="ObjectDisposedException">The inspector was disposed.</exception>
    /// <exception cref="QueueException">The queue cannot be opened for writing.</exception>
    public int Repair()
    {
        lock (face)
        {
            ThrowIfDisposed();
            using var error = new FaceError();
            int resolved = face.Repair(error);
            return resolved >= 0 ? resolved : throw Failure(error);
        }
    }

    /// <summary>
    /// Closes the file of the queue. Waits for a call that runs in another thread. Calling it again
    /// does nothing.
    /// </summary>
    public void Dispose()
    {
        lock (face)
        {
            disposed = true;
            face.Dispose();
        }
    }

    private static QueueException Failure(FaceError error) =>
        new((QueueError)error.Code(), error.Text());

    private void ThrowIfDisposed()
    {
        if (disposed)
        {
            throw new ObjectDisposedException(
                nameof(QueueInspector), $"The inspector of queue '{queueName}' was disposed.");
        }
    }
}
