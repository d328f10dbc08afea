package io.interprocess;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** What ends an endpoint's waiting calls when their threads are interrupted. Thread-safe. */
final class Waits {
  static final long FOREVER = -1;

  private static final long MOST_SECONDS = Long.MAX_VALUE / 1_000_000_000;

  /** One that no call uses: threads that wait with the same endpoint at a time make their own. */
  private final AtomicReference<OfCalls> spare = new AtomicReference<>();

  /** A call that may sleep in native code. */
  @FunctionalInterface
  interface Call {
    /**
     * Waits.
     *
     * @param timeout nanoseconds at most; negative for ever
     * @param interrupt ends it, with CANCELLED
     */
    long run(long timeout, FaceInterrupt interrupt);
  }

  /**
   * Nanoseconds for native code: none for a negative duration, for ever for one that is longer than
   * fits (292 years).
   */
  static long nanos(Duration timeout) {
    if (timeout.isNegative()) {
      return 0;
    }
    // Not toNanos(): for ever is said by what does not fit, and an exception a call would cost more
    // than all the rest.
    return timeout.getSeconds() >= MOST_SECONDS ? FOREVER : timeout.toNanos();
  }

  /** Nanoseconds of polling, of which there is no for ever. */
  static long spinNanos(Duration spin) {
    long nanos = nanos(spin);
    return nanos == FOREVER ? Long.MAX_VALUE : nanos;
  }

  /** An interrupt before a call ends it before anything is done. */
  static void checkInterrupt() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  /** Runs a call that this thread's interrupt ends at once. */
  long run(long timeout, Call call) throws InterruptedException {
    OfCalls interruption = spare.getAndSet(null);
    if (interruption == null) {
      interruption = new OfCalls();
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
        // It was meant for an earlier call of a thread that had it before.
        left = timeout < 0 ? timeout : Math.max(end - System.nanoTime(), 0);
      }
    } finally {
      if (!spare.compareAndSet(null, interruption)) {
        interruption.nativeInterrupt.delete();
      }
    }
  }

  /** Frees what native code holds for it; no call runs or comes. */
  void delete() {
    OfCalls interruption = spare.getAndSet(null);
    if (interruption != null) {
      interruption.nativeInterrupt.delete();
    }
  }

  /** What ends native calls that take an interrupt. */
  private static final class OfCalls extends Interruption {
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
