package io.interprocess;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What a publisher and a subscriber have in common: how they are opened, closed and forgotten, and
 * what a native call's result means. A method that calls native code keeps its endpoint reachable to
 * the end of the call, for the cleaner deletes what that call uses. Its public methods are not final:
 * so the compiler gives each subclass one of its own, which reflection and method handles can use.
 */
abstract class Endpoint implements AutoCloseable {
  /** What outlives the object, for the cleaner. */
  private static final class State implements Runnable, Loan.Lender {
    final FaceEndpoint face;
    final Waits waits = new Waits();
    private boolean deleted;

    State(FaceEndpoint face) {
      this.face = face;
    }

    @Override
    public synchronized void run() {
      deleted = true;
      face.delete();
      waits.delete();
    }

    @Override
    public synchronized void drop(long token) {
      if (!deleted) {
        face.drop(token);
      }
    }
  }

  final Waits waits;

  private final State state;
  private final int notNow;
  private final Place.Windows windows = new Place.Windows();
  private final long capacity;
  private final long maxMessageSize;
  /** Of the thread that called last: found sooner here than by a ThreadLocal. A race loses nothing. */
  private Staging staging;

  /**
   * Takes over what was opened.
   *
   * @param notNow the code of a call that would have had to wait
   */
  Endpoint(FaceEndpoint face, int notNow) {
    state = new State(face);
    this.notNow = notNow;
    waits = state.waits;
    capacity = face.capacity();
    maxMessageSize = face.maxMessageSize();
    NativeLibrary.CLEANER.register(this, state);
  }

  /** What {@code make} makes of what {@code opener} gives; null of it is told by the error. */
  static <F, E> E open(
      QueueOptions options, BiFunction<FaceOptions, FaceError, F> opener, Function<F, E> make) {
    Objects.requireNonNull(options, "options");
    NativeLibrary.load();
    FaceOptions to = options.toNative();
    try {
      return make.apply(QueueException.orThrow(error -> opener.apply(to, error)));
    } finally {
      to.delete();
    }
  }

  /**
   * How long a call that waits polls before it sleeps. Polling answers within a fraction of a
   * microsecond but uses the core; sleeping costs a wake-up, some 5 to 50 µs.
   *
   * @param spin 20 µs at first; none, or less, sleeps at once
   */
  public void setSpin(Duration spin) {
    state.face.setSpin(Waits.spinNanos(spin));
    Reference.reachabilityFence(this);
  }

  /**
   * The queue's capacity.
   *
   * @return the bytes of payload that may wait in it
   */
  public long capacity() {
    return capacity;
  }

  /**
   * The largest message that the queue takes.
   *
   * @return its size in bytes
   */
  public long maxMessageSize() {
    return maxMessageSize;
  }

  /**
   * Leaves the queue. Calls that wait in other threads end at once, with FAILED_PRECONDITION, and
   * this returns when they have. Messages in place stay usable: an open reservation can still be
   * filled, but not committed; a borrowed message can be read and acknowledged. Calling it again
   * does nothing.
   */
  @Override
  public void close() {
    state.face.close();
    Reference.reachabilityFence(this);
  }

  final Staging staging() {
    Staging last = staging;
    Staging mine = Staging.ofThread(last);
    if (mine != last) {
      staging = mine;
    }
    return mine;
  }

  final Place.Windows windows() {
    return windows;
  }

  final Loan lend(long token) {
    return Loan.of(state, token, staging());
  }

  /** Whether the call did it; false if it is full or empty now, or was so until the deadline. */
  final boolean went(long result) {
    if (result >= 0) {
      return true;
    }
    int code = Results.code(result);
    if (code == notNow || code == Results.DEADLINE_EXCEEDED) {
      return false;
    }
    throw failure(result);
  }

  /** The same of a call that needs no room and no message. */
  final void check(long result) {
    if (result < 0) {
      throw failure(result);
    }
  }

  private QueueException failure(long result) {
    QueueException failure = QueueException.of(Results.code(result), state.face.errorText(result));
    Reference.reachabilityFence(this);
    return failure;
  }
}
