// SPDX-License-Identifier: MIT

using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Interprocess.Interop;

namespace Interprocess;

/// <summary>
/// Names a queue, and says where it lies and how it is made. Immutable. Opening checks what a
/// constructor does not.
/// </summary>
public class QueueOptions
{
    private const QueueProtocol DefaultProtocol = QueueProtocol.Native;

    private const long CloudtoidMin = 24;

    private readonly string? path;

    /// <summary>Options for a queue in the default directory of its protocol.</summary>
    /// <param name="queueName">The name of the queue: 1 to 200 bytes of UTF-8, no slashes.</param>
    /// <param name="capacity">Bytes that may wait in the queue: 1 to 2^36.</param>
    /// <exception cref="ArgumentNullException"><paramref name="queueName"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="queueName"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacity"/> is 0 or less.
    /// </exception>
    public QueueOptions(string queueName, long capacity)
        : this(queueName, null, capacity, nameof(capacity), DefaultProtocol)
    {
    }

    /// <summary>Options for a queue in a directory.</summary>
    /// <param name="queueName">The name of the queue: 1 to 200 bytes of UTF-8, no slashes.</param>
    /// <param name="path">An existing directory that is no symbolic link.</param>
    /// <param name="capacity">Bytes that may wait in the queue: 1 to 2^36.</param>
    /// <exception cref="ArgumentNullException">
    /// <paramref name="queueName"/> or <paramref name="path"/> is null.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="queueName"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="capacity"/> is 0 or less.
    /// </exception>
    public QueueOptions(string queueName, string path, long capacity)
        : this(queueName, NotNull(path), capacity, nameof(capacity), DefaultProtocol)
    {
    }

    /// <summary>
    /// As the other constructors, with the older name of the capacity. The Cloudtoid protocols take
    /// a capacity that is a multiple of 8 and at least 24.
    /// </summary>
    /// <param name="queueName">The name of the queue.</param>
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

    /// <summary>
    /// As the other constructors, with the older name of the capacity. The Cloudtoid protocols take
    /// a capacity that is a multiple of 8 and at least 24.
    /// </summary>
    /// <param name="queueName">The name of the queue.</param>
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

    /// <summary>Checks the arguments of all constructors.</summary>
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
            throw new ArgumentException("The name of a queue is not empty.", nameof(queueName));
        }

        if (queueName.IndexOf('\0') >= 0)
        {
            throw new ArgumentException("The name of a queue contains no NUL.", nameof(queueName));
        }

        if (path is not null && path.IndexOf('\0') >= 0)
        {
            throw new ArgumentException("The directory of a queue contains no NUL.", nameof(path));
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

    /// <summary>Copies options, for an initializer that changes some of them.</summary>
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
        Account = other.Account;
        AcrossSessions = other.AcrossSessions;
        OnePublisher = other.OnePublisher;
        OneSubscriber = other.OneSubscriber;
        Spin = other.Spin;
    }

    /// <summary>Gets the name of the queue.</summary>
    public string QueueName { get; }

    /// <summary>Gets the directory of the file of the queue.</summary>
    public string Path => path ?? DefaultPath;

    /// <summary>
    /// Gets the capacity that the program asks for, in bytes. The native protocol rounds it up to a
    /// power of two of at least 4,096; <see cref="Publisher.Capacity"/> is the result. The
    /// Cloudtoid protocols take a multiple of 8, at least 24.
    /// </summary>
    public long Capacity { get; }

    /// <summary>Gets the wire format.</summary>
    public QueueProtocol Protocol { get; init; }

    /// <summary>
    /// Gets a value indicating whether messages that nobody took stay in the queue when its last
    /// publisher or subscriber leaves, until a process opens it again. The default is true, as in
    /// every language of this library. Otherwise the queue discards them. The option of the last
    /// one to leave counts. The Cloudtoid protocols never keep messages.
    /// </summary>
    public bool KeepUndelivered { get; init; } = true;

    /// <summary>Gets what opening does if a queue of that name exists, and if none does.</summary>
    public QueueOpenMode Mode { get; init; }

    /// <summary>Gets the users that may open the queue, if it is made now.</summary>
    public QueueAccess Access { get; init; }

    /// <summary>
    /// Gets an account that may open the queue besides, if it is made now; empty for none. On
    /// Windows, a user, a group or a service (<c>DOMAIN\name</c>, <c>NT SERVICE\name</c>), or a
    /// SID. Elsewhere a group, by name or number, which the file then belongs to. All of them must
    /// be able to write in the directory.
    /// </summary>
    public string Account { get; init; } = string.Empty;

    /// <summary>
    /// Gets a value indicating whether the participants may be in several sessions of Windows, as a
    /// service and the program of a user are. Without it, a message from another session does not
    /// wake a sleeper at once. The process that makes the queue decides. Without effect on other
    /// systems.
    /// </summary>
    public bool AcrossSessions { get; init; }

    /// <summary>
    /// Gets the largest number of publishers and subscribers at one time, 2 to 8,191. Only the
    /// native protocol has such a limit.
    /// </summary>
    public int MaxParticipants { get; init; } = 1024;

    /// <summary>
    /// Gets a value indicating whether making the queue reserves the space for its whole file, so
    /// that the space cannot run out later. Native protocol.
    /// </summary>
    public bool ReserveSpace { get; init; } = true;

    /// <summary>
    /// Gets a value indicating whether only one publisher at a time may attach. A second one is
    /// refused with <see cref="QueueError.FailedPrecondition"/>, naming the first, until the first
    /// is disposed or its process dies. Messages then cost less. The process that makes the queue
    /// decides; others must say the same, unless their <see cref="Mode"/> is
    /// <see cref="QueueOpenMode.OpenExisting"/>. Native protocol.
    /// </summary>
    public bool OnePublisher { get; init; }

    /// <summary>
    /// Gets a value indicating whether only one subscriber at a time may attach, as
    /// <see cref="OnePublisher"/> does for publishers. Native protocol.
    /// </summary>
    public bool OneSubscriber { get; init; }

    /// <summary>
    /// Gets how long a waiting call polls before it sleeps. A longer time answers quicker and keeps
    /// a core busy. The default is 20 µs.
    /// </summary>
    public TimeSpan Spin { get; init; } = TimeSpan.FromTicks(200);

    /// <summary>
    /// Gets the directory as the native library takes it: empty for its own default.
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
    /// <exception cref="ArgumentNullException"><paramref name="path"/> is null.</exception>
    internal static string NotNull(string path) =>
        path ?? throw new ArgumentNullException(nameof(path));
}
