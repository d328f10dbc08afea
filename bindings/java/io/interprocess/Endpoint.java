// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.Objects;
import java.util.function.BiFunction;

/**
 * The common part of Publisher and Subscriber: opening, closing, cleaning up what was forgotten,
 * and the meaning of a native call's result. A method that calls native code keeps its endpoint
 * reachable to the end of the call, because the cleaner deletes what the call uses. Public methods
 * are not final, so the compiler gives each subclass one of its own, which reflection and method
 * handles can use.
 */
abstract class Endpoint implements AutoCloseable {
  /** The part that outlives the object, for the cleaner. */
  private static final class State implements Runnable, HandedOut.Origin {
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
  private final QueueOptions options;
  private final int notNow;
  private final MessageMemory.Windows windows = new MessageMemory.Windows();
  private final long capacity;
  private final long maxMessageSize;
  private volatile boolean closed;

  /**
   * The staging of the thread that called last: this is faster than a ThreadLocal. Races are
   * harmless.
   */
  private Staging staging;

  /**
   * Takes over an open native endpoint.
   *
   * @param notNow the code of a call that would have to wait
   */
  Endpoint(FaceEndpoint face, QueueOptions options, int notNow) {
    state = new State(face);
    this.options = options;
    this.notNow = notNow;
    waits = state.waits;
    capacity = face.capacity();
    maxMessageSize = face.maxMessageSize();
    NativeLibrary.CLEANER.register(this, state);
  }

  /**
   * Opens the native endpoint and wraps it. Throws the error that {@code opener} sets, if it
   * returns null.
   */
  static <F, E> E open(
      QueueOptions options,
      BiFunction<FaceOptions, FaceError, F> opener,
      BiFunction<F, QueueOptions, E> wrap) {
    Objects.requireNonNull(options, "options");
    NativeLibrary.load();
    FaceOptions to = options.toNative();
    try {
      return wrap.apply(QueueException.orThrow(error -> opener.apply(to, error)), options);
    } finally {
      to.delete();
    }
  }

  /**
   * Sets how long a call that waits polls before it sleeps. Polling answers within a fraction of a
   * microsecond but uses the core. Sleeping costs a wake-up of about 5 to 50 µs.
   *
   * @param spin the time to poll, 20 µs by default; zero or a negative duration sleeps at once
   */
  public void setSpin(Duration spin) {
    state.face.setSpin(Waits.spinNanos(spin));
    Reference.reachabilityFence(this);
  }

  /**
   * Returns the queue's capacity.
   *
   * @return the bytes of payload that may wait in the queue
   */
  public long capacity() {
    return capacity;
  }

  /**
   * Returns the size of the largest message that the queue takes.
   *
   * @return the size in bytes
   */
  public long maxMessageSize() {
    return maxMessageSize;
  }

  /**
   * Returns about how many messages wait in the queue, in a few reads whatever its capacity. Counts
   * the messages from the first that no subscriber has taken to the last that a publisher has
   * reserved: messages that are still being written or were aborted are in it, messages that were
   * given back are not. Other endpoints may change the number at any time.
   *
   * @return the number of messages
   * @throws QueueException UNIMPLEMENTED for a protocol other than the native one
   */
  public long approximateDepth() {
    long depth = state.face.approximateDepth();
    check(depth);
    Reference.reachabilityFence(this);
    return depth;
  }

  /**
   * Returns what this endpoint has counted since it was opened.
   *
   * @return the numbers as they are now; never null
   */
  public EndpointCounters counters() {
    FaceCounters counters = new FaceCounters();
    try {
      check(state.face.counters(counters));
      return new EndpointCounters(counters);
    } finally {
      counters.delete();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Leaves the queue. Calls that wait in other threads end at once with FAILED_PRECONDITION; this
   * method returns when they have ended. Messages in place stay usable: an open reservation can
   * still be filled, but not committed; a borrowed message can be read and acknowledged. Calling it
   * again does nothing, and throws nothing.
   *
   * @throws QueueException the endpoint has left the queue, but what the last participant removes
   *     stays: PERMISSION_DENIED (the process has lost the right to remove it), UNAVAILABLE
   *     (another process holds the directory's lock for more than 200 ms) or FAILED_PRECONDITION
   *     (something in this process has closed the library's handles)
   */
  @Override
  public void close() {
    boolean first = beginClose();
    long result = state.face.close();
    Reference.reachabilityFence(this);
    if (first) {
      check(result);
    }
  }

  private synchronized boolean beginClose() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /**
   * Describes the endpoint, for logs. The format may change.
   *
   * @return the queue's name, directory, protocol and capacity, and whether the endpoint is closed
   */
  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "[name="
        + options.name()
        + ", directory="
        + options.directoryText()
        + ", protocol="
        + options.protocol()
        + ", capacity="
        + capacity
        + (closed ? ", closed]" : "]");
  }

  final Staging staging() {
    Staging last = staging;
    Staging mine = Staging.ofThread(last);
    if (mine != last) {
      staging = mine;
    }
    return mine;
  }

  final MessageMemory.Windows windows() {
    return windows;
  }

  final HandedOut handOut(long token) {
    return HandedOut.of(state, token, staging());
  }

  /**
   * Returns whether the call succeeded; false if the queue is full or empty, now or until the
   * deadline.
   */
  final boolean succeeded(long result) {
    if (result >= 0) {
      return true;
    }
    int code = Results.code(result);
    if (code == notNow || code == Results.DEADLINE_EXCEEDED) {
      return false;
    }
    throw failure(result);
  }

  /** Checks a call that needs neither room nor a message. */
  final void check(long result) {
    if (result < 0) {
      throw failure(result);
    }
  }

  private QueueException failure(long result) {
    QueueException failure = failure(Results.code(result), state.face.errorText(result));
    Reference.reachabilityFence(this);
    return failure;
  }

  /** Returns an exception that names the queue. */
  final QueueException failure(int code, String text) {
    return QueueException.of(code, "queue '" + options.name() + "': " + text);
  }
}
