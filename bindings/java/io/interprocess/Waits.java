// SPDX-License-Identifier: MIT

package io.interprocess;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** Ends an endpoint's waiting calls when their threads are interrupted. Thread-safe. */
final class Waits {
  static final long FOREVER = -1;

  private static final long MAX_SECONDS = Long.MAX_VALUE / 1_000_000_000;

  /** One that no call uses. Threads that wait on one endpoint at the same time make their own. */
  private final AtomicReference<CallInterruption> spare = new AtomicReference<>();

  /** A call that may sleep in native code. */
  @FunctionalInterface
  interface Call {
    /**
     * Waits.
     *
     * @param timeout the longest wait in nanoseconds; negative waits for ever
     * @param interrupt ends the wait, with CANCELLED
     */
    long run(long timeout, FaceInterrupt interrupt);
  }

  /**
   * Converts a duration to nanoseconds for native code: 0 for a negative duration, FOREVER for one
   * that does not fit (292 years).
   */
  static long nanos(Duration timeout) {
    if (timeout.isNegative()) {
      return 0;
    }
    // toNanos() would throw for a duration that does not fit, and callers that wait for ever pass
    // one
    // in every call: an exception costs more than the rest of the call.
    return timeout.getSeconds() >= MAX_SECONDS ? FOREVER : timeout.toNanos();
  }

  /** Converts a duration to nanoseconds of polling, which always ends. */
  static long spinNanos(Duration spin) {
    long nanos = nanos(spin);
    return nanos == FOREVER ? Long.MAX_VALUE : nanos;
  }

  /** Throws if the thread was interrupted before a call, which then does nothing. */
  static void checkInterrupt() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Runs a call that an interrupt of this thread ends at once. */
  long run(long timeout, Call call) throws InterruptedException {
    CallInterruption interruption = spare.getAndSet(null);
    if (interruption == null) {
      interruption = new CallInterruption();
    }
    try {
      long end = timeout < 0 ? 0 : System.nanoTime() + timeout;
      long left = timeout;
      while (true) {
        long result = interruption.run(left, call);
        if (result >= 0 || Results.code(result) != Results.CANCELLED) {
          return result;
        }
        checkInterrupt();
        // The interrupt was meant for an earlier call, by the thread that used this object then.
        left = timeout < 0 ? timeout : Math.max(end - System.nanoTime(), 0);
      }
    } finally {
      if (!spare.compareAndSet(null, interruption)) {
        interruption.nativeInterrupt.delete();
      }
    }
  }

  /** Deletes the native objects. No call runs, and none begins later. */
  void delete() {
    CallInterruption interruption = spare.getAndSet(null);
    if (interruption != null) {
      interruption.nativeInterrupt.delete();
    }
  }

  /** Ends native calls that take an interrupt. */
  private static final class CallInterruption extends Interruption {
    final FaceInterrupt nativeInterrupt = new FaceInterrupt();

    long run(long timeout, Call call) {
      enter();
      try {
        return call.run(timeout, nativeInterrupt);
      } finally {
        leave();
      }
    }

    @Override
    void raise() {
      nativeInterrupt.raise();
    }

    @Override
    void clear() {
      nativeInterrupt.clear();
    }
  }
}
