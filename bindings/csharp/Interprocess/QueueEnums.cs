namespace Interprocess;

/// <summary>A wire format. Processes that share a queue use the same one.</summary>
public enum QueueProtocol
{
    /// <summary>This library's own: no process that dies or stops holds the others up.</summary>
    Native = 0,

    /// <summary>That of Cloudtoid.Interprocess 1 and 2.</summary>
    CloudtoidV2 = 2,

    /// <summary>That of Cloudtoid.Interprocess 3.</summary>
    CloudtoidV3 = 3,

    /// <summary>Version 2 where its fork keeps the files: /dev/shm on Linux.</summary>
    CloudtoidV2Fork = 4,
}

/// <summary>Which users may open a queue that is made now.</summary>
public enum QueueAccess
{
    /// <summary>The owner alone.</summary>
    Owner = 0,

    /// <summary>The owner and the group.</summary>
    Group = 1,

    /// <summary>Everyone.</summary>
    Everyone = 2,
}

/// <summary>What opening does when a queue of that name exists, and when none does.</summary>
public enum QueueOpenMode
{
    /// <summary>Opens it or makes it; an existing one must have been made with the same options.</summary>
    OpenOrCreate = 0,

    /// <summary>Opens it, whatever its capacity; fails if there is none.</summary>
    OpenExisting = 1,

    /// <summary>Makes it; fails if there is one.</summary>
    CreateNew = 2,
}

/// <summary>Why a call of a queue failed. The same names in every language of this library.</summary>
public enum QueueError
{
    /// <summary>A wait was ended by its token.</summary>
    Cancelled = 1,

    /// <summary>It can never work: an option, or a message that is larger than the queue takes.</summary>
    InvalidArgument = 3,

    /// <summary>A wait ended at its time.</summary>
    DeadlineExceeded = 4,

    /// <summary>There is no such queue or directory.</summary>
    NotFound = 5,

    /// <summary>There is such a queue already.</summary>
    AlreadyExists = 6,

    /// <summary>The operating system does not allow it.</summary>
    PermissionDenied = 7,

    /// <summary>No room, no space for the file, or as many participants as the queue allows.</summary>
    ResourceExhausted = 8,

    /// <summary>
    /// The endpoint is closed or belongs to the parent of this forked process, or the queue has
    /// other options.
    /// </summary>
    FailedPrecondition = 9,

    /// <summary>The buffer is too small; the message is still in the queue.</summary>
    OutOfRange = 11,

    /// <summary>The protocol cannot do that.</summary>
    Unimplemented = 12,

    /// <summary>The operating system refused a call for another reason.</summary>
    Internal = 13,

    /// <summary>No message now.</summary>
    Unavailable = 14,

    /// <summary>The file is not, or no longer, a sound queue.</summary>
    DataLoss = 15,
}
