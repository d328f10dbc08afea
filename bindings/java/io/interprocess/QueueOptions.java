// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The name, directory, size and permissions of a queue. Immutable. Opening an endpoint checks the
 * values; before that only nulls are refused. This page describes {@link Protocol#NATIVE}; the
 * project's docs/compatibility.md says what differs in the other formats.
 *
 * <pre>{@code
 * QueueOptions options = QueueOptions.builder("greetings").capacity(1 << 16).build();
 * }</pre>
 */
public final class QueueOptions {
  /** The default capacity in bytes: 1 MiB. */
  public static final long DEFAULT_CAPACITY = 1L << 20;

  /** The default maximum number of participants. */
  public static final int DEFAULT_MAX_PARTICIPANTS = 1024;

  private final String name;
  private final Path directory; // null for the default one
  private final long capacity;
  private final Protocol protocol;
  private final OpenMode mode;
  private final Access access;
  private final int maxParticipants;
  private final boolean keepUndelivered;
  private final boolean reserveSpace;
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
    account = builder.account;
    acrossSessions = builder.acrossSessions;
  }

  /**
   * Returns options with that name and the default of everything else.
   *
   * @param name the queue's name, see {@link #builder}; not null
   * @return the options
   */
  public static QueueOptions of(String name) {
    return builder(name).build();
  }

  /**
   * Returns a builder that has the name and the default of everything else.
   *
   * @param name the queue's name: 1 to 200 bytes as UTF-8, without slash, backslash, control
   *     character, ".." or lone surrogate, and without a dot at the beginning; not null
   * @return a new builder
   */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /**
   * Returns the directory of queues whose options name none: {@code /dev/shm/interprocess-<uid>} on
   * Linux.
   *
   * @return the directory, which need not exist
   */
  public static Path defaultDirectory() {
    return defaultDirectory(Protocol.NATIVE);
  }

  /**
   * Returns the directory of a protocol's queues whose options name none.
   *
   * @param protocol the wire format; not null
   * @return the directory, which need not exist
   */
  public static Path defaultDirectory(Protocol protocol) {
    NativeLibrary.load();
    return Text.path(FaceCalls.faceDefaultDirectory(protocol.number()));
  }

  /**
   * Returns the queue's name.
   *
   * @return the name; never null
   */
  public String name() {
    return name;
  }

  /**
   * Returns the queue's directory.
   *
   * @return the directory; null for the default one
   */
  public Path directory() {
    return directory;
  }

  /**
   * Returns the bytes of payload that may wait in the queue.
   *
   * @return the capacity as it was given
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Returns the wire format.
   *
   * @return the protocol; never null
   */
  public Protocol protocol() {
    return protocol;
  }

  /**
   * Returns what opening does when the queue exists, and when it does not.
   *
   * @return the mode; never null
   */
  public OpenMode mode() {
    return mode;
  }

  /**
   * Returns which users may open the queue if it is made now.
   *
   * @return the access; never null
   */
  public Access access() {
    return access;
  }

  /**
   * Returns how many publishers and subscribers may be attached at the same time.
   *
   * @return the maximum number
   */
  public int maxParticipants() {
    return maxParticipants;
  }

  /**
   * Returns whether a queue with messages stays when its last participant leaves.
   *
   * @return true if it stays
   */
  public boolean keepUndelivered() {
    return keepUndelivered;
  }

  /**
   * Returns whether the space for the whole file is taken when the queue is made.
   *
   * @return true if it is
   */
  public boolean reserveSpace() {
    return reserveSpace;
  }

  /**
   * Returns the account that may open the queue besides the users of {@link #access}.
   *
   * @return the group, user or service; empty for none; never null
   */
  public String account() {
    return account;
  }

  /**
   * Returns whether the queue's participants may be in several sessions of Windows.
   *
   * @return true if they may
   */
  public boolean acrossSessions() {
    return acrossSessions;
  }

  /**
   * Describes the options, for logs. The format may change.
   *
   * @return each option's name and value
   */
  @Override
  public String toString() {
    return "QueueOptions[name="
        + name
        + ", directory="
        + directoryText()
        + ", protocol="
        + protocol
        + ", capacity="
        + capacity
        + ", mode="
        + mode
        + ", access="
        + access
        + ", account="
        + account
        + ", maxParticipants="
        + maxParticipants
        + ", keepUndelivered="
        + keepUndelivered
        + ", reserveSpace="
        + reserveSpace
        + ", acrossSessions="
        + acrossSessions
        + "]";
  }

  /** Returns the directory for texts. */
  String directoryText() {
    return directory == null ? "default" : directory.toString();
  }

  /** Returns the options for native code; the caller deletes them. */
  FaceOptions toNative() {
    FaceOptions options = new FaceOptions();
    try {
      options.setName(name);
      options.setDirectory(Text.bytes(directory));
      options.setCapacity(capacity);
      options.setProtocol(protocol.number());
      options.setMode(mode.number());
      options.setAccess(access.number());
      options.setMaxParticipants(maxParticipants);
      options.setKeepUndelivered(keepUndelivered);
      options.setReserveSpace(reserveSpace);
      options.setAccount(account);
      options.setAcrossSessions(acrossSessions);
    } catch (RuntimeException e) {
      options.delete(); // a text was refused
      throw e;
    }
    return options;
  }

  /** Collects options. Used by one thread at a time. */
  public static final class Builder {
    private final String name;
    private Path directory = null;
    private long capacity = DEFAULT_CAPACITY;
    private Protocol protocol = Protocol.NATIVE;
    private OpenMode mode = OpenMode.OPEN_OR_CREATE;
    private Access access = Access.OWNER;
    private int maxParticipants = DEFAULT_MAX_PARTICIPANTS;
    private boolean keepUndelivered = true;
    private boolean reserveSpace = true;
    private String account = "";
    private boolean acrossSessions = false;

    private Builder(String name) {
      this.name = Objects.requireNonNull(name, "name");
    }

    /**
     * Sets the queue's directory.
     *
     * @param directory an existing directory, not a symbolic link; null for the default one, which
     *     is made when it is missing
     * @return this
     */
    public Builder directory(Path directory) {
      this.directory = directory;
      return this;
    }

    /**
     * Sets how many bytes of payload may wait in the queue. A single message may have as many. The
     * number is rounded up to a power of two of at least 4,096. At most one message per 64 bytes of
     * capacity may wait, however short the messages are. The file takes about twice the capacity.
     *
     * @param bytes 1 to 2<sup>36</sup>
     * @return this
     */
    public Builder capacity(long bytes) {
      capacity = bytes;
      return this;
    }

    /**
     * Sets the wire format.
     *
     * @param protocol the wire format; not null
     * @return this
     */
    public Builder protocol(Protocol protocol) {
      this.protocol = Objects.requireNonNull(protocol, "protocol");
      return this;
    }

    /**
     * Sets what opening does when the queue exists, and when it does not.
     *
     * @param mode the mode; not null
     * @return this
     */
    public Builder mode(OpenMode mode) {
      this.mode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Sets which users may open the queue if it is made now.
     *
     * @param access the users; not null
     * @return this
     */
    public Builder access(Access access) {
      this.access = Objects.requireNonNull(access, "access");
      return this;
    }

    /**
     * Sets how many publishers and subscribers may be attached at the same time.
     *
     * @param number 2 to 8,191
     * @return this
     */
    public Builder maxParticipants(int number) {
      maxParticipants = number;
      return this;
    }

    /**
     * Sets whether a queue with messages stays when its last participant leaves. The endpoint that
     * leaves last decides. An empty queue is removed in both cases.
     *
     * @param keep true keeps the queue until its messages are taken, it is removed by name, or the
     *     machine restarts; false removes it with its messages
     * @return this
     */
    public Builder keepUndelivered(boolean keep) {
      keepUndelivered = keep;
      return this;
    }

    /**
     * Sets whether the space for the whole file is taken when the queue is made, so that it cannot
     * be lacking later.
     *
     * @param reserve false leaves the file sparse, which is quick and saves memory for a huge
     *     queue; but when the file system is full, the system ends the process that writes to the
     *     queue (SIGBUS)
     * @return this
     */
    public Builder reserveSpace(boolean reserve) {
      reserveSpace = reserve;
      return this;
    }

    /**
     * Sets an account that may open the queue, if it is made now, besides the users of {@link
     * #access}. The queue then needs a directory that all of them may write in.
     *
     * @param account a group, by its name or number; on Windows a user, group or service ({@code
     *     "DOMAIN\name"}, {@code "NT SERVICE\name"}) or a SID; empty for none; not null. Making the
     *     queue fails with NOT_FOUND if the system does not know the account.
     * @return this
     */
    public Builder account(String account) {
      this.account = Objects.requireNonNull(account, "account");
      return this;
    }

    /**
     * Sets whether the queue's participants may be in several sessions of Windows, as those of a
     * service and of a user's program are. Without it, a message from another session does not end
     * their sleep at once. Other systems ignore it.
     *
     * @param across true for several sessions, false by default; the endpoint that makes the queue
     *     decides
     * @return this
     */
    public Builder acrossSessions(boolean across) {
      acrossSessions = across;
      return this;
    }

    /**
     * Returns the options set so far.
     *
     * @return new options
     */
    public QueueOptions build() {
      return new QueueOptions(this);
    }
  }
}
