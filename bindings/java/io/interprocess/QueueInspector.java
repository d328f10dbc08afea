package io.interprocess;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Looks at a queue without taking part in it. A queue that only inspectors look at is not kept from
 * being removed. Thread-safe. Every call may throw {@link QueueException}.
 */
public final class QueueInspector implements AutoCloseable {
  /** What outlives the object, for the cleaner. */
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

  private FaceInspector face; // null when closed; guarded by this
  private final Cleaner.Cleanable cleanable;

  private QueueInspector(FaceInspector face) {
    this.face = face;
    cleanable = NativeLibrary.CLEANER.register(this, new State(face));
  }

  /**
   * Opens a queue read-only.
   *
   * @param name the queue's name; not null
   * @param directory its directory; null for the default one
   * @return a new inspector
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT, DATA_LOSS (the header is
   *     not a sound queue's)
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
   * @throws QueueException NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT, DATA_LOSS (the header is
   *     not a sound queue's)
   */
  public static QueueInspector open(String name, Path directory, Protocol protocol) {
    Objects.requireNonNull(name, "name");
    int number = protocol.number();
    NativeLibrary.load();
    return new QueueInspector(
        QueueException.orThrow(
            error ->
                FaceInspector.open(name, QueueRegistry.text(directory), number, error)));
  }

  /**
   * The queue's capacity.
   *
   * @return the bytes of payload that may wait in it
   */
  public synchronized long capacity() {
    long capacity = open().capacity();
    Reference.reachabilityFence(this);
    return capacity;
  }

  /**
   * Takes a picture of the queue in use: every number is right for some moment, not all for the same
   * one.
   *
   * @return the picture
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

  /** One thing that is not as it should be. */
  public static final class Finding {
    private final boolean damage;
    private final String what;

    private Finding(boolean damage, String what) {
      this.damage = damage;
      this.what = what;
    }

    /**
     * How grave it is.
     *
     * @return true if the format is violated: bytes were changed by something else; false for a dead
     *     participant that the next look of anybody attached resolves
     */
    public boolean isDamage() {
      return damage;
    }

    /**
     * What was found.
     *
     * @return the text; never null
     */
    public String what() {
      return what;
    }

    /** As {@link #what}. */
    @Override
    public String toString() {
      return what;
    }
  }

  /**
   * Checks every invariant of the queue's bytes. What changes while it is looked at is looked at
   * again, so that only lasting damage is reported.
   *
   * @return what was found; empty if the queue is sound
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
   * Copies the first messages that wait to be taken. They stay in the queue; one that is taken
   * meanwhile may be among them or not.
   *
   * @param max how many at most; none if it is negative
   * @return their bytes; empty if there are none
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
   * Joins the queue for a moment and does what any participant does when it finds another dead: frees
   * what it had reserved, offers what it had claimed to others.
   *
   * @return how many dead participants were resolved
   * @throws QueueException UNIMPLEMENTED for another protocol than the native one: there, readers do
   *     it by themselves
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

  /** Lets go of the queue. Calls after it throw; calling it again does nothing. */
  @Override
  public synchronized void close() {
    face = null;
    cleanable.clean();
  }

  private FaceInspector open() {
    if (face == null) {
      throw new QueueException(
          QueueException.Code.FAILED_PRECONDITION, "the inspector is closed");
    }
    return face;
  }
}
