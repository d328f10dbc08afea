package io.interprocess;

import java.nio.file.Path;
import java.util.Objects;

/**
 * What a queue is called, where it lives, how large it is, and who may use it. Immutable. Opening an
 * endpoint checks the values; nothing is checked before but for nulls. What is said here holds for
 * {@link Protocol#NATIVE}; the project's docs/compatibility.md tells what differs in the others.
 *
 * <pre>{@code
 * QueueOptions options = QueueOptions.builder("greetings").capacity(1 << 16).build();
 * }</pre>
 */
public final class QueueOptions {
  /** The capacity if none is given, in bytes: 1 MiB. */
  public static final long DEFAULT_CAPACITY = 1L << 20;

  /** How many may take part if nothing is said. */
  public static final int DEFAULT_MAX_PARTICIPANTS = 1024;

  private final String name;
  private final String directory;
  private final long capacity;
  private final Protocol protocol;
  private final OpenMode mode;
  private final Access access;
  private final int maxParticipants;
  private final boolean keepUndelivered;
  private final boolean reserveSpace;
  private final boolean clearOnRelease;
  private final String account;
  private final boolean acrossSessions;

  private QueueOptions(Builder builder) {
    name = builder.name;
    directory = builder.directory;
    capacity = builder.capacity;
    protocol = builder.protocol;
    mode = builder.mode;
    access = builder.access;
    maxParticipants = builder.maxParticipants;
    keepUndelivered = builder.keepUndelivered;
    reserveSpace = builder.reserveSpace;
    clearOnRelease = builder.clearOnRelease;
    account = builder.account;
    acrossSessions = builder.acrossSessions;
  }

  /**
   * The options of the queue of that name, with the default of everything else.
   *
   * @param name see {@link #builder}; not null
   * @return the options
   */
  public static QueueOptions of(String name) {
    return builder(name).build();
  }

  /**
   * Starts with the default of everything but the name.
   *
   * @param name 1 to 200 bytes as UTF-8; no slash, backslash, control character or "..", no dot at
   *     the beginning; not null
   * @return a new builder
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Where queues live if no directory is given: {@code /dev/shm/interprocess-<uid>} on Linux.
   *
   * @return the directory, which need not exist
   */
  public static Path defaultDirectory() {
    return defaultDirectory(Protocol.NATIVE);
  }

  /**
   * Where a protocol's queues live if no directory is given.
   *
   * @param protocol the wire format; not null
   * @return the directory, which need not exist
   */
  public static Path defaultDirectory(Protocol protocol) {
    NativeLibrary.load();
    return Path.of(FaceCalls.faceDefaultDirectory(protocol.number()));
  }

  /**
   * The queue's name.
   *
   * @return the name; never null
   */
  public String name() {
    return name;
  }

  /**
   * The queue's directory.
   *
   * @return the directory; null for the default one
   */
  public Path directory() {
    return directory.isEmpty() ? null : Path.of(directory);
  }

  /**
   * The bytes of payload that may wait in the queue.
   *
   * @return the capacity as it was given
   */
  public long capacity() {
    return capacity;
  }

  /**
   * The wire format.
   *
   * @return the protocol; never null
   */
  public Protocol protocol() {
    return protocol;
  }

  /**
   * What happens when the queue exists, and when it does not.
   *
   * @return the mode; never null
   */
  public OpenMode mode() {
    return mode;
  }

  /**
   * Who may open the queue if it is made now.
   *
   * @return the access; never null
   */
  public Access access() {
    return access;
  }

  /**
   * How many publishers and subscribers may be attached at one time.
   *
   * @return the number
   */
  public int maxParticipants() {
    return maxParticipants;
  }

  /**
   * Whether a queue with messages stays when its last participant leaves.
   *
   * @return true if it stays
   */
  public boolean keepUndelivered() {
    return keepUndelivered;
  }

  /**
   * Whether the whole file's space is taken when the queue is made.
   *
   * @return true if it is
   */
  public boolean reserveSpace() {
    return reserveSpace;
  }

  /**
   * Whether messages that were taken are overwritten in the queue's memory.
   *
   * @return true if they are
   */
  public boolean clearOnRelease() {
    return clearOnRelease;
  }

  /**
   * Who may open the queue besides those that {@link #access} names.
   *
   * @return the group, user or service; empty for nobody; never null
   */
  public String account() {
    return account;
  }

  /**
   * Whether the queue's participants may be in several sessions of Windows.
   *
   * @return true if they may
   */
  public boolean acrossSessions() {
    return acrossSessions;
  }

  /** The options for native code; the caller deletes them. */
  FaceOptions toNative() {
    FaceOptions options = new FaceOptions();
    options.setName(name);
    options.setDirectory(directory);
    options.setCapacity(capacity);
    options.setProtocol(protocol.number());
    options.setMode(mode.number());
    options.setAccess(access.number());
    options.setMaxParticipants(maxParticipants);
    options.setKeepUndelivered(keepUndelivered);
    options.setReserveSpace(reserveSpace);
    options.setClearOnRelease(clearOnRelease);
    options.setAccount(account);
    options.setAcrossSessions(acrossSessions);
    return options;
  }

  /** Collects options. Used by one thread at a time. */
  public static final class Builder {
    private final String name;
    private String directory = "";
    private long capacity = DEFAULT_CAPACITY;
    private Protocol protocol = Protocol.NATIVE;
    private OpenMode mode = OpenMode.OPEN_OR_CREATE;
    private Access access = Access.OWNER;
    private int maxParticipants = DEFAULT_MAX_PARTICIPANTS;
    private boolean keepUndelivered = true;
    private boolean reserveSpace = true;
    private boolean clearOnRelease = false;
    private String account = "";
    private boolean acrossSessions = false;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * Where the queue lives.
     *
     * @param directory an existing directory, not a symbolic link; null for the default one, which is
     *     made when it is missing
     * @return this
     */
    public Builder directory(Path directory) {
      this.directory = directory == null ? "" : directory.toString();
      return this;
    }

    /**
     * How many bytes of payload may wait in the queue; a single message may have as many. Rounded up
     * to a power of two of at least 4,096. However short messages are, one for every 64 bytes of it
     * may wait. The file takes about twice as much.
     *
     * @param bytes 1 to 2<sup>36</sup>
     * @return this
     */
    public Builder capacity(long bytes) {
      capacity = bytes;
      return this;
    }

    /**
     * The wire format.
     *
     * @param protocol not null
     * @return this
     */
    public Builder protocol(Protocol protocol) {
      this.protocol = Objects.requireNonNull(protocol, "protocol");
      return this;
    }

    /**
     * What happens when the queue exists, and when it does not.
     *
     * @param mode not null
     * @return this
     */
    public Builder mode(OpenMode mode) {
      this.mode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Who may open the queue if it is made now.
     *
     * @param access not null
     * @return this
     */
    public Builder access(Access access) {
      this.access = Objects.requireNonNull(access, "access");
      return this;
    }

    /**
     * How many publishers and subscribers may be attached at one time.
     *
     * @param number 2 to 8,191
     * @return this
     */
    public Builder maxParticipants(int number) {
      maxParticipants = number;
      return this;
    }

    /**
     * What becomes of a queue with messages when its last participant leaves. Each endpoint decides
     * for itself, should it be the last. An empty queue goes in both cases.
     *
     * @param keep true keeps it until they are read, it is removed by name, or the machine restarts;
     *     false removes it with what it holds
     * @return this
     */
    public Builder keepUndelivered(boolean keep) {
      keepUndelivered = keep;
      return this;
    }

    /**
     * Whether the space for the whole file is taken when the queue is made, so that none can be
     * lacking later.
     *
     * @param reserve false leaves it sparse: quick and frugal for a huge queue, but when the file
     *     system runs full, the system ends the process that writes to it (SIGBUS)
     * @return this
     */
    public Builder reserveSpace(boolean reserve) {
      reserveSpace = reserve;
      return this;
    }

    /**
     * Whether a message's bytes are overwritten with zeros when it has been taken or aborted, so that
     * nobody who may read the file finds them later. Costs about as much as a copy.
     *
     * @param clear false at first; all who share a queue say the same
     * @return this
     */
    public Builder clearOnRelease(boolean clear) {
      clearOnRelease = clear;
      return this;
    }

    /**
     * Who may open the queue, if it is made now, besides those that {@link #access} names. The queue
     * then needs a directory that all of them may write in.
     *
     * @param account a group, by its name or number; on Windows a user, group or service ({@code
     *     "DOMAIN\name"}, {@code "NT SERVICE\name"}) or a SID; empty for nobody; not null. One that
     *     the system does not know is NOT_FOUND when the queue is made.
     * @return this
     */
    public Builder account(String account) {
      this.account = Objects.requireNonNull(account, "account");
      return this;
    }

    /**
     * Of Windows only: whether the queue's participants may be in several sessions, as those of a
     * service and of a user's program are. Without it their sleep is not ended at once by what comes
     * from another session.
     *
     * @param across false at first; the queue's maker decides
     * @return this
     */
    public Builder acrossSessions(boolean across) {
      acrossSessions = across;
      return this;
    }

    /**
     * The options collected so far.
     *
     * @return new options
     */
    public QueueOptions build() {
      return new QueueOptions(this);
    }
  }
}
