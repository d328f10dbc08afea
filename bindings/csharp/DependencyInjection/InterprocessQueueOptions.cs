// SPDX-License-Identifier: MIT

using System;
using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Interprocess;

/// <summary>
/// The options of one queue. A callback fills them, or configuration, where each property is a key
/// of the same name.
/// </summary>
/// <example>
/// <code>
/// { "Queue": { "QueueName": "orders", "Capacity": 1048576, "Access": "Group" } }
/// </code>
/// </example>
public sealed class InterprocessQueueOptions
{
    /// <summary>Gets or sets the name of the queue.</summary>
    public string QueueName { get; set; } = string.Empty;

    /// <summary>Gets or sets the directory; null for the default of the protocol.</summary>
    public string? Path { get; set; }

    /// <summary>Gets or sets the bytes that may wait in the queue.</summary>
    public long Capacity { get; set; } = 1024 * 1024;

    /// <summary>Gets or sets the wire format.</summary>
    public QueueProtocol Protocol { get; set; } = QueueProtocol.Native;

    /// <summary>
    /// Gets or sets what opening does if a queue of that name exists, and if none does.
    /// </summary>
    public QueueOpenMode Mode { get; set; }

    /// <summary>Gets or sets the users that may open the queue, if it is made now.</summary>
    public QueueAccess Access { get; set; }

    /// <summary>
    /// Gets or sets an account that may open the queue besides, if it is made now.
    /// </summary>
    public string Account { get; set; } = string.Empty;

    /// <summary>Gets or sets whether participants may be in several sessions of Windows.</summary>
    public bool AcrossSessions { get; set; }

    /// <summary>Gets or sets whether only one publisher at a time may attach.</summary>
    public bool OnePublisher { get; set; }

    /// <summary>Gets or sets whether only one subscriber at a time may attach.</summary>
    public bool OneSubscriber { get; set; }

    /// <summary>
    /// Gets or sets whether messages that nobody took stay when the last one leaves.
    /// </summary>
    public bool KeepUndelivered { get; set; } = true;

    /// <summary>Gets or sets the largest number of participants at one time.</summary>
    public int MaxParticipants { get; set; } = 1024;

    /// <summary>
    /// Gets or sets whether making the queue reserves the space for its whole file.
    /// </summary>
    public bool ReserveSpace { get; set; } = true;

    /// <summary>Gets or sets how long a waiting call polls before it sleeps.</summary>
    public TimeSpan Spin { get; set; } = TimeSpan.FromTicks(200);

    /// <summary>Makes the options that publishers and subscribers take.</summary>
    /// <exception cref="ArgumentException">
    /// One of them cannot be used; the message says which.
    /// </exception>
    public QueueOptions ToQueueOptions()
    {
        return new QueueOptions(
            Path is null
                ? new QueueOptions(QueueName, Capacity, Protocol)
                : new QueueOptions(QueueName, Path, Capacity, Protocol))
        {
            KeepUndelivered = KeepUndelivered,
            Mode = Mode,
            Access = Access,
            MaxParticipants = MaxParticipants,
            ReserveSpace = ReserveSpace,
            Account = Account,
            AcrossSessions = AcrossSessions,
            OnePublisher = OnePublisher,
            OneSubscriber = OneSubscriber,
            Spin = Spin,
        };
    }

    // Reads each key by name, because the binder of Microsoft.Extensions.Configuration uses
    // reflection, which ahead-of-time compilation cannot follow.
    internal void Read(IConfiguration section)
    {
        QueueName = section[nameof(QueueName)] ?? QueueName;
        Path = section[nameof(Path)] ?? Path;
        Capacity = Read(section, nameof(Capacity), Capacity, text => long.Parse(text, CultureInfo.InvariantCulture));
        Protocol = Read(section, nameof(Protocol), Protocol, ReadEnum<QueueProtocol>);
        Mode = Read(section, nameof(Mode), Mode, ReadEnum<QueueOpenMode>);
        Access = Read(section, nameof(Access), Access, ReadEnum<QueueAccess>);
        Account = section[nameof(Account)] ?? Account;
        AcrossSessions = Read(section, nameof(AcrossSessions), AcrossSessions, bool.Parse);
        OnePublisher = Read(section, nameof(OnePublisher), OnePublisher, bool.Parse);
        OneSubscriber = Read(section, nameof(OneSubscriber), OneSubscriber, bool.Parse);
        KeepUndelivered = Read(section, nameof(KeepUndelivered), KeepUndelivered, bool.Parse);
        MaxParticipants = Read(
            section, nameof(MaxParticipants), MaxParticipants, text => int.Parse(text, CultureInfo.InvariantCulture));
        ReserveSpace = Read(section, nameof(ReserveSpace), ReserveSpace, bool.Parse);
        Spin = Read(section, nameof(Spin), Spin, text => TimeSpan.Parse(text, CultureInfo.InvariantCulture));
    }

    private static T ReadEnum<T>(string text)
        where T : struct, Enum => (T)Enum.Parse(typeof(T), text, ignoreCase: true);

    private static T Read<T>(IConfiguration section, string key, T before, Func<string, T> read)
    {
        string? text = section[key];
        if (text is null)
        {
            return before;
        }

        try
        {
            return read(text);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            throw new ArgumentException($"The queue option {key} is '{text}', which is no {typeof(T).Name}.", key, e);
        }
    }
}
