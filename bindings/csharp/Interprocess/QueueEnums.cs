// SPDX-License-Identifier: MIT

namespace Interprocess;

/// <summary>A wire format. All processes that share a queue use one format.</summary>
public enum QueueProtocol
{
    /// <summary>
    /// This library's own. A process that dies or stops does not hold up the others.
    /// </summary>
    Native = 0,

    /// <summary>The format of Cloudtoid.Interprocess 1 and 2.</summary>
    CloudtoidV2 = 2,

    /// <summary>The format of Cloudtoid.Interprocess 3.</summary>
    CloudtoidV3 = 3,

    /// <summary>Version 2 with the files where its fork has them: in /dev/shm on Linux.</summary>
    CloudtoidV2Fork = 4,
}

/// <summary>The users that may open a queue that is made now.</summary>
public enum QueueAccess
{
    /// <summary>Only the owner.</summary>
    Owner = 0,

    /// <summary>The owner and the group.</summary>
    Group = 1,

    /// <summary>Everyone.</summary>
    Everyone = 2,
}

/// <summary>What opening does if a queue of that name exists, and if none does.</summary>
public enum QueueOpenMode
{
    /// <summary>Opens the queue, or makes it. One that exists must have the same options.</summary>
    OpenOrCreate = 0,

    /// <summary>Opens the queue, whatever its capacity. Fails if there is none.</summary>
    OpenExisting = 1,

    /// <summary>Makes the queue. Fails if there is one.</summary>
    CreateNew = 2,
}

/// <summary>Why a call failed. Every language of this library uses these names.</summary>
public enum QueueError
{
    /// <summary>The token ended a wait.</summary>
    Cancelled = 1,

    /// <summary>
    /// The call can never succeed: an option cannot be used, or the message never fits into the
    /// queue.
    /// </summary>
    InvalidArgument = 3,

    /// <summary>The timeout ended a wait.</summary>
    DeadlineExceeded = 4,

    /// <summary>There is no such queue or directory.</summary>
    NotFound = 5,

    /// <summary>There is a queue of that name already.</summary>
    AlreadyExists = 6,

    /// <summary>The operating system does not allow it.</summary>
    PermissionDenied = 7,

    /// <summary>
    /// The queue is full, the disk has no space for its file, or it has as many participants as it
    /// allows.
    /// </summary>
    ResourceExhausted = 8,

    /// <summary>
    /// The endpoint is closed, or belongs to the parent of this forked process, or the queue has
    /// other options, or it has lost its name (see <see cref="Subscriber"/>).
    /// </summary>
    FailedPrecondition = 9,

    /// <summary>The buffer is too small. The message is still in the queue.</summary>
    OutOfRange = 11,

    /// <summary>The protocol does not support the call.</summary>
    Unimplemented = 12,

    /// <summary>The operating system refused a call for another reason.</summary>
    Internal = 13,

    /// <summary>The queue has no message now.</summary>
    Unavailable = 14,

    /// <summary>The file is damaged, or is no queue.</summary>
    DataLoss = 15,
}
