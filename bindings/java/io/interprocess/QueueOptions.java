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

  private final OptionValues values; // changed no more

  private QueueOptions(OptionValues values) {
    this.values = values;
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
    return values.name;
  }

  /**
   * Returns the queue's directory.
   *
   * @return the directory; null for the default one
   */
  public Path directory() {
    return values.directory;
  }

  /**
   * Returns the bytes of payload that may wait in the queue.
   *
   * @return the capacity as it was given
   */
  public long capacity() {
    return values.capacity;
  }

  /**
   * Returns the wire format.
   *
   * @return the protocol; never null
   */
  public Protocol protocol() {
    return values.protocol;
  }

  /**
   * Returns what opening does when the queue exists, and when it does not.
   *
   * @return the mode; never null
   */
  public OpenMode mode() {
    return values.mode;
  }

  /**
   * Returns which users may open the queue if it is made now.
   *
   * @return the access; never null
   */
  public Access access() {
    return values.access;
  }

  /**
   * Returns how many publishers and subscribers may be attached at the same time.
   *
   * @return the maximum number
   */
  public int maxParticipants() {
    return values.maxParticipants;
  }

  /**
   * Returns whether a queue with messages stays when its last participant leaves.
   *
   * @return true if it stays
   */
  public boolean keepUndelivered() {
    return values.keepUndelivered;
  }

  /**
   * Returns whether the space for the whole file is taken when the queue is made.
   *
   * @return true if it is
   */
  public boolean reserveSpace() {
    return values.reserveSpace;
  }

  /**
   * Returns the account that may open the queue besides the users of {@link #access}.
   *
   * @return the group, user or service; empty for none; never null
   */
  public String account() {
    return values.account;
  }

  /**
   * Returns whether the queue's participants may be in several sessions of Windows.
   *
   * @return true if they may
   */
  public boolean acrossSessions() {
    return values.acrossSessions;
  }

  /**
   * Returns whether only one publisher at a time may attach.
   *
   * @return true if a second one is refused
   */
  public boolean onePublisher() {
    return values.onePublisher;
  }

  /**
   * Returns whether only one subscriber at a time may attach.
   *
   * @return true if a second one is refused
   */
  public boolean oneSubscriber() {
    return values.oneSubscriber;
  }

  /**
   * Describes the options, for logs. The format may change.
   *
   * @return each option's name and value
   */
  @Override
  public String toString() {
    return values.toString();
  }

  /** Returns the directory for texts. */
  String directoryText() {
    return values.directoryText();
  }

  /** Returns the options for native code; the caller deletes them. */
  FaceOptions toNative() {
    return values.toNative();
  }

  /** Collects options. Used by one thread at a time. */
  public static final class Builder {
    private final OptionValues values;

    private Builder(String name) {
      values = new OptionValues(Objects.requireNonNull(name, "name"));
    }

    /**
     * Sets the queue's directory.
     *
     * @param directory an existing directory, not a symbolic link; null for the default one, which
     *     is made when it is missing
     * @return this
     */
    public Builder directory(Path directory) {
      values.directory = directory;
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
      values.capacity = bytes;
      return this;
    }

    /**
     * Sets the wire format.
     *
     * @param protocol the wire format; not null
     * @return this
     */
    public Builder protocol(Protocol protocol) {
      values.protocol = Objects.requireNonNull(protocol, "protocol");
      return this;
    }

    /**
     * Sets what opening does when the queue exists, and when it does not.
     *
     * @param mode the mode; not null
     * @return this
     */
    public Builder mode(OpenMode mode) {
      values.mode = Objects.requireNonNull(mode, "mode");
      return this;
    }

    /**
     * Sets which users may open the queue if it is made now.
     *
     * @param access the users; not null
     * @return this
     */
    public Builder access(Access access) {
      values.access = Objects.requireNonNull(access, "access");
      return this;
    }

    /**
     * Sets how many publishers and subscribers may be attached at the same time.
     *
     * @param number 2 to 8,191
     * @return this
     */
    public Builder maxParticipants(int number) {
      values.maxParticipants = number;
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
      values.keepUndelivered = keep;
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
      values.reserveSpace = reserve;
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
      values.account = Objects.requireNonNull(account, "account");
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
      values.acrossSessions = across;
      return this;
    }

    /**
     * Sets whether only one publisher at a time may attach. A second one is refused with
     * FAILED_PRECONDITION, whose text names the first, until the first closes or its process dies.
     * Messages then cost less. The endpoint that makes the queue decides; others must say the same,
     * unless their mode is {@link OpenMode#OPEN_EXISTING}.
     *
     * @param one true for one publisher, false by default
     * @return this
     */
    public Builder onePublisher(boolean one) {
      values.onePublisher = one;
      return this;
    }

    /**
     * Sets whether only one subscriber at a time may attach, as {@link #onePublisher} does for
     * publishers.
     *
     * @param one true for one subscriber, false by default
     * @return this
     */
    public Builder oneSubscriber(boolean one) {
      values.oneSubscriber = one;
      return this;
    }

    /**
     * Returns the options set so far.
     *
     * @return new options
     */
    public QueueOptions build() {
      return new QueueOptions(values.copy());
    }
  }
}
