package io.interprocess;

import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Looks at a queue without taking part in it. A queue that only inspectors look at is not kept from
 * being removed. Thread-safe. Every call may throw {@link QueueException}.
 */
public final class QueueInspector implements AutoCloseable {
  /** What outlives the object, for the cleaner. */
  private static final class State implements Runnable {
    final NativeInspector face;

    State(NativeInspector face) {
      this.face = face;
    }

    @Override
    public void run() {
      face.delete();
    }
  }

  private NativeInspector face; // null when closed; guarded by this
  private final Cleaner.Cleanable cleanable;

  private QueueInspector(NativeInspector face) {
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
    Objects.requireNonNull(name, "name");
    NativeLibrary.load();
    return new QueueInspector(
        orThrow(error -> NativeInspector.open(name, QueueRegistry.text(directory), error)));
  }

  /**
   * Takes a picture of the queue in use: every number is right for some moment, not all for the same
   * one.
   *
   * @return the picture
   */
  public synchronized QueueReport report() {
    NativeReport report = orThrow(error -> open().report(error));
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
    NativeFindings findings = orThrow(error -> open().check(error));
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
   * Joins the queue for a moment and does what any participant does when it finds another dead: frees
   * what it had reserved, offers what it had claimed to others.
   *
   * @return how many dead participants were resolved
   */
  public synchronized int repair() {
    int resolved =
        orThrow(
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

  private NativeInspector open() {
    if (face == null) {
      throw new QueueException(
          QueueException.Code.FAILED_PRECONDITION, "the inspector is closed");
    }
    return face;
  }

  /** What the call gives; the error it tells when it gives null. */
  static <T> T orThrow(Function<NativeError, T> call) {
    NativeError error = new NativeError();
    try {
      T result = call.apply(error);
      if (result == null) {
        throw QueueException.of(error);
      }
      return result;
    } finally {
      error.delete();
    }
  }
}
