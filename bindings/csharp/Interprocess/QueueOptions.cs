using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Interprocess.Interop;

namespace Interprocess;

/// <summary>What a queue is called, where it lives, how large it is. Immutable.</summary>
public class QueueOptions
{
    private const QueueProtocol DefaultProtocol = QueueProtocol.Native;

    private const long CloudtoidMin = 24;

    private readonly string? path;

    /// <summary>Options for a queue in the default directory of its protocol.</summary>
    /// <param name="queueName">The queue's name: 1 to 200 bytes of UTF-8, no slashes.</param>
    /// <param name="capacity">
    /// Bytes that may wait in the queue: greater than 16 and a multiple of 8.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="queueName"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="queueName"/> is empty, or <paramref name="capacity"/> is no multiple of 8.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacity"/> is 16 or less.
    /// </exception>
    public QueueOptions(string queueName, long capacity)
        : this(queueName, null, capacity, nameof(capacity), DefaultProtocol)
    {
    }

    /// <summary>Options for a queue in a directory.</summary>
    /// <param name="queueName">The queue's name: 1 to 200 bytes of UTF-8, no slashes.</param>
    /// <param name="path">An existing directory that is no symbolic link.</param>
    /// <param name="capacity">
    /// Bytes that may wait in the queue: greater than 16 and a multiple of 8.
    /// </param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="queueName"/> or <paramref name="path"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// <paramref name="queueName"/> is empty, or <paramref name="capacity"/> is no multiple of 8.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacity"/> is 16 or less.
    /// </exception>
    public QueueOptions(string queueName, string path, long capacity)
        : this(queueName, NotNull(path), capacity, nameof(capacity), DefaultProtocol)
    {
    }

    /// <summary>The same with the older name of the capacity.</summary>
    /// <param name="queueName">The queue's name.</param>
    /// <param name="bytesCapacity">Bytes that may wait in the queue.</param>
    /// <param name="protocol">The wire format.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public QueueOptions(
        string queueName,
        long bytesCapacity,
        QueueProtocol protocol = DefaultProtocol)
        : this(queueName, null, bytesCapacity, nameof(bytesCapacity), protocol)
    {
    }

    /// <summary>The same with the older name of the capacity.</summary>
    /// <param name="queueName">The queue's name.</param>
    /// <param name="path">An existing directory.</param>
    /// <param name="bytesCapacity">Bytes that may wait in the queue.</param>
    /// <param name="protocol">The wire format.</param>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public QueueOptions(
        string queueName,
        string path,
        long bytesCapacity,
        QueueProtocol protocol = DefaultProtocol)
        : this(queueName, NotNull(path), bytesCapacity, nameof(bytesCapacity), protocol)
    {
    }

    /// <summary>What the constructors have in common.</summary>
    internal QueueOptions(
        string queueName,
        string? path,
        long capacity,
        string capacityName,
        QueueProtocol protocol)
    {
        if (queueName is null)
        {
            throw new ArgumentNullException(nameof(queueName));
        }

        if (queueName.Length == 0)
        {
            throw new ArgumentException("A queue's name is not empty.", nameof(queueName));
        }

        if (queueName.IndexOf('\0') >= 0)
        {
            throw new ArgumentException("A queue's name has no NUL.", nameof(queueName));
        }

        if (path is not null && path.IndexOf('\0') >= 0)
        {
            throw new ArgumentException("A queue's directory has no NUL.", nameof(path));
        }

        long least = protocol == QueueProtocol.Native ? 1 : CloudtoidMin;
        if (capacity < least)
        {
            throw new ArgumentOutOfRangeException(
                capacityName,
                capacity,
                $"The capacity of a queue of protocol {protocol} is at least {least} bytes.");
        }

        if (protocol != QueueProtocol.Native && capacity % 8 != 0)
        {
            throw new ArgumentException(
                $"The capacity of a queue of protocol {protocol} is a multiple of 8 bytes, and {capacity} is"
                + " not.",
                capacityName);
        }

        QueueName = queueName;
        this.path = path;
        Capacity = capacity;
        Protocol = protocol;
    }

    /// <summary>The same, for an initializer that changes some.</summary>
    internal QueueOptions(QueueOptions other)
    {
        QueueName = other.QueueName;
        path = other.path;
        Capacity = other.Capacity;
        Protocol = other.Protocol;
        KeepUndelivered = other.KeepUndelivered;
        Mode = other.Mode;
        Access = other.Access;
        MaxParticipants = other.MaxParticipants;
        ReserveSpace = other.ReserveSpace;
        ClearOnRelease = other.ClearOnRelease;
        Account = other.Account;
        AcrossSessions = other.AcrossSessions;
        Spin = other.Spin;
    }

    /// <summary>Gets the queue's name.</summary>
    public string QueueName { get; }

    /// <summary>Gets the directory that the queue's file lies in.</summary>
    public string Path => path ?? DefaultPath;

    /// <summary>
    /// Gets the capacity that was asked for, in bytes. The native protocol rounds it up to a power of
    /// two of at least 4,096: <c>Publisher.Capacity</c> tells what the queue has.
    /// </summary>
    public long Capacity { get; }

    /// <summary>Gets the wire format.</summary>
    public QueueProtocol Protocol { get; init; }

    /// <summary>
    /// Gets a value indicating whether messages that nobody took stay in the queue when its last
    /// publisher or subscriber leaves, until somebody opens it again. That is the default, in every
    /// language of this library. If not, they are discarded. The last one to leave decides for the queue.
    /// The Cloudtoid protocols never keep them.
    /// </summary>
    public bool KeepUndelivered { get; init; } = true;

    /// <summary>Gets what opening does when there is such a queue, and when there is none.</summary>
    public QueueOpenMode Mode { get; init; }

    /// <summary>Gets which users may open the queue, if it is made now.</summary>
    public QueueAccess Access { get; init; }

    /// <summary>
    /// Gets who may open the queue besides, if it is made now; empty for nobody. Windows: a user, a group
    /// or a service (<c>DOMAIN\name</c>, <c>NT SERVICE\name</c>), or a SID. Elsewhere a group, by its name
    /// or number, to which the file is given. Such a queue needs a directory that all of them may write
    /// in.
    /// </summary>
    public string Account { get; init; } = string.Empty;

    /// <summary>
    /// Gets a value indicating whether the queue's participants may be in several sessions of Windows, as
    /// those of a service and of a user's program are. Without it what comes from another session does not
    /// end their sleep at once. The queue's maker decides; without effect elsewhere.
    /// </summary>
    public bool AcrossSessions { get; init; }

    /// <summary>
    /// Gets how many publishers and subscribers may be attached at one time, 2 to 8,191. Native
    /// protocol.
    /// </summary>
    public int MaxParticipants { get; init; } = 1024;

    /// <summary>
    /// Gets a value indicating whether the space for the whole file is taken when the queue is made,
    /// so that none can be lacking later. Native protocol.
    /// </summary>
    public bool ReserveSpace { get; init; } = true;

    /// <summary>
    /// Gets a value indicating whether the bytes of a message are zeroed before their place in the
    /// queue is free, so that whoever may open the queue later does not find them. The queue's maker
    /// decides. Costs another pass over the bytes. Native protocol.
    /// </summary>
    public bool ClearOnRelease { get; init; }

    /// <summary>
    /// Gets how long a waiting call polls before it sleeps: longer answers quicker and uses the core.
    /// </summary>
    public TimeSpan Spin { get; init; } = TimeSpan.FromTicks(200);

    /// <summary>
    /// Gets the directory as the native library wants it: empty for its own default.
    /// </summary>
    internal string FaceDirectory => Protocol == QueueProtocol.Native ? path ?? string.Empty : Path;

    /// <inheritdoc/>
    public override string ToString() =>
        $"queue '{QueueName}' in {(path is null ? "the default directory" : $"'{path}'")}, {Capacity} bytes,"
        + $" protocol {Protocol}, {Mode}, access for {Access},"
        + $" {(KeepUndelivered ? "keeps" : "discards")} what is undelivered";

    private string DefaultPath => Protocol switch
    {
        QueueProtocol.Native => FaceCalls.FaceDefaultDirectory((int)Protocol),
        QueueProtocol.CloudtoidV2Fork when RuntimeInformation.IsOSPlatform(OSPlatform.Linux) =>
            "/dev/shm/",
        _ => System.IO.Path.GetTempPath(),
    };

    /// <summary>Returns <paramref name="path"/>.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    internal static string NotNull(string path) =>
        path ?? throw new ArgumentNullException(nameof(path));
}
