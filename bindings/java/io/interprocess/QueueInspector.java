// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Inspects a queue without joining it. An inspector does not keep a queue from being removed when
 * its last participant leaves. Thread-safe. Every call may throw {@link QueueException}.
 */
public final class QueueInspector implements AutoCloseable {
  /** The part that outlives the object, for the cleaner. */
  private static final class State implements Runnable {
    final FaceInspector face;

    State(FaceInspector face) {
      this.face = face;
    }

    @Override
    public void run() {
      face.delete();
    }
  }

  private final String name;
  private FaceInspector face; // null when closed; guarded by this
  private final Cleaner.Cleanable cleanable;

  private QueueInspector(FaceInspector face, String name) {
    this.face = face;
    this.name = name;
    cleanable = NativeLibrary.CLEANER.register(this, new State(face));
  }

  /**
   * Opens a queue of the default directory read-only.
   *
   * @param name the queue's name; not null
   * @return a new inspector
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT, DATA_LOSS (the header is
   *     not that of a sound queue)
   */
  public static QueueInspector open(String name) {
    return open(name, null);
  }

  /**
   * Opens a queue read-only.
   *
   * @param options the queue's name, directory and protocol; the others are not used; not null
   * @return a new inspector
   * @throws QueueException see {@link #open(String)}
   */
  public static QueueInspector open(QueueOptions options) {
    return open(options.name(), options.directory(), options.protocol());
  }

  /**
   * Opens a queue read-only.
   *
   * @param name the queue's name; not null
   * @param directory its directory; null for the default one
   * @return a new inspector
   * @throws QueueException see {@link #open(String)}
   */
  public static QueueInspector open(String name, Path directory) {
    return open(name, directory, Protocol.NATIVE);
  }

  /**
   * Opens a queue of a protocol read-only.
   *
   * @param name the queue's name; not null
   * @param directory its directory; null for the protocol's default one
   * @param protocol its wire format; not null
   * @return a new inspector
   * @throws QueueException see {@link #open(String)}
   */
  public static QueueInspector open(String name, Path directory, Protocol protocol) {
    Objects.requireNonNull(name, "name");
    int number = protocol.number();
    NativeLibrary.load();
    return new QueueInspector(
        QueueException.orThrow(
            error -> FaceInspector.open(name, Text.bytes(directory), number, error)),
        name);
  }

  /**
   * Returns the queue's capacity.
   *
   * @return the bytes of payload that may wait in the queue
   */
  public synchronized long capacity() {
    long capacity = open().capacity();
    Reference.reachabilityFence(this);
    return capacity;
  }

  /**
   * Returns about how many messages wait in the queue, in a few reads whatever its capacity, as
   * {@link Publisher#approximateDepth} does.
   *
   * @return the number of messages
   * @throws QueueException UNIMPLEMENTED for a protocol other than the native one
   */
  public synchronized long approximateDepth() {
    long depth =
        QueueException.orThrow(
            error -> {
              long number = open().approximateDepth(error);
              return number < 0 ? null : number;
            });
    Reference.reachabilityFence(this);
    return depth;
  }

  /**
   * Describes the queue, which may be in use. Each number is right for some moment, but not all for
   * the same moment.
   *
   * @return the description
   */
  public synchronized QueueReport report() {
    FaceReport report = QueueException.orThrow(error -> open().report(error));
    try {
      return new QueueReport(report);
    } finally {
      report.delete();
      Reference.reachabilityFence(this);
    }
  }

  /** A problem that {@link #check} found. Immutable. */
  public static final class Finding {
    private final boolean damage;
    private final String what;

    private Finding(boolean damage, String what) {
      this.damage = damage;
      this.what = what;
    }

    /**
     * Returns how grave the problem is.
     *
     * @return true if the bytes violate the format, because another program changed them; false for
     *     a dead participant, which the next participant that looks resolves
     */
    public boolean isDamage() {
      return damage;
    }

    /**
     * Returns what was found.
     *
     * @return the text; never null
     */
    public String what() {
      return what;
    }

    /**
     * Describes the problem, for logs. The format may change.
     *
     * @return how grave the problem is, and what was found
     */
    @Override
    public String toString() {
      return (damage ? "damage: " : "note: ") + what;
    }
  }

  /**
   * Checks every invariant of the queue's bytes. Bytes that change meanwhile are read again, so
   * only lasting damage is reported.
   *
   * @return the problems found; empty if the queue is sound
   */
  public synchronized List<Finding> check() {
    FaceFindings findings = QueueException.orThrow(error -> open().check(error));
    try {
      List<Finding> list = new ArrayList<>();
      for (int i = 0; i < findings.count(); ++i) {
        list.add(new Finding(findings.damaged(i), findings.what(i)));
      }
      return list;
    } finally {
      findings.delete();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Copies the first messages that wait to be taken. They stay in the queue. A message that is
   * taken meanwhile may be among them or not.
   *
   * @param max the maximum number of messages; a negative number is 0
   * @return the bytes of each message; empty if there are none
   */
  public synchronized List<byte[]> peek(int max) {
    FaceMessages messages = QueueException.orThrow(error -> open().peek(max, error));
    try {
      List<byte[]> list = new ArrayList<>();
      for (int i = 0; i < messages.count(); ++i) {
        if (messages.size(i) > Integer.MAX_VALUE) {
          throw Results.tooLarge(messages.size(i));
        }
        byte[] message = new byte[(int) messages.size(i)];
        if (message.length > 0) {
          ((ByteBuffer) FaceCalls.bufferOver(messages.address(i), message.length)).get(message);
        }
        list.add(message);
      }
      return list;
    } finally {
      messages.delete();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Joins the queue for a moment and does what each participant does for dead ones: it frees what
   * they had reserved, and offers the messages that they held to others.
   *
   * @return the number of dead participants that were resolved
   * @throws QueueException UNIMPLEMENTED for a protocol other than the native one, where readers do
   *     this by themselves
   */
  public synchronized int repair() {
    int resolved =
        QueueException.orThrow(
            error -> {
              int number = open().repair(error);
              return number < 0 ? null : number;
            });
    Reference.reachabilityFence(this);
    return resolved;
  }

  /** Closes the queue. Later calls throw; calling it again does nothing. */
  @Override
  public synchronized void close() {
    face = null;
    cleanable.clean();
  }

  /**
   * Describes the inspector, for logs. The format may change.
   *
   * @return the queue's name, and whether the inspector is closed
   */
  @Override
  public synchronized String toString() {
    return "QueueInspector[name=" + name + (face == null ? ", closed]" : "]");
  }

  private FaceInspector open() {
    if (face == null) {
      throw QueueException.of(
          QueueException.Code.FAILED_PRECONDITION.number(),
          "queue '" + name + "': the inspector is closed");
    }
    return face;
  }
}
