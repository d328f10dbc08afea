package io.interprocess;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What ends an endpoint's waiting calls when their threads are interrupted. Thread-safe. */
final class Waits {
  static final long FOREVER = -1;

  private static final long MOST_SECONDS = Long.MAX_VALUE / 1_000_000_000;

  private final ConcurrentLinkedQueue<Interruption> idle = new ConcurrentLinkedQueue<>();

  /** A call that may sleep in native code. */
  @FunctionalInterface
  interface Call {
    /**
     * Waits.
     *
     * @param interrupt ends it, with CANCELLED
     */
    long run(NativeInterrupt interrupt);
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
  long run(Call call) throws InterruptedException {
    Interruption interruption = idle.poll();
    if (interruption == null) {
      interruption = new Interruption();
    }
    long result;
    interruption.arm();
    try {
      result = call.run(interruption.nativeInterrupt);
    } finally {
      interruption.disarm();
      idle.add(interruption);
    }
    if (result < 0 && Results.code(result) == Results.CANCELLED) {
      Thread.interrupted();
      throw new InterruptedException();
    }
    return result;
  }

  /** Frees what native code holds for it; no call runs or comes. */
  void delete() {
    for (Interruption each = idle.poll(); each != null; each = idle.poll()) {
      each.nativeInterrupt.delete();
    }
  }

  /**
   * The JDK calls back when a thread is interrupted within a selector's begin and end. That is what
   * this uses of a selector, which selects nothing.
   */
  private static final class Interruption extends AbstractSelector {
    final NativeInterrupt nativeInterrupt = new NativeInterrupt();

    Interruption() {
      super(null);
    }

    void arm() {
      nativeInterrupt.clear();
      begin();
    }

    void disarm() {
      end();
    }

    /** Called by the interrupting thread, and by begin if the interrupt came before. */
    @Override
    public Selector wakeup() {
      nativeInterrupt.raise();
      return this;
    }

    @Override
    protected void implCloseSelector() {}

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int selectNow() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int select(long timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int select() {
      throw new UnsupportedOperationException();
    }
  }
}
