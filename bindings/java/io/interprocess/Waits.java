package io.interprocess;

import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/** What ends an endpoint's waiting calls when their threads are interrupted. Thread-safe. */
final class Waits {
  static final long FOREVER = -1;

  private static final long MOST_SECONDS = Long.MAX_VALUE / 1_000_000_000;

  /** One that no call uses: threads that wait with the same endpoint at a time make their own. */
  private final AtomicReference<Interruption> spare = new AtomicReference<>();

  /** A call that may sleep in native code. */
  @FunctionalInterface
  interface Call {
    /**
     * Waits.
     *
     * @param timeout nanoseconds at most; negative for ever
     * @param interrupt ends it, with CANCELLED
     */
    long run(long timeout, NativeInterrupt interrupt);
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
    Interruption interruption = spare.getAndSet(null);
    if (interruption == null) {
      interruption = new Interruption();
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
    Interruption interruption = spare.getAndSet(null);
    if (interruption != null) {
      interruption.nativeInterrupt.delete();
    }
  }

  /**
   * The JDK calls back when a thread is interrupted within a selector's begin and end, in some
   * versions a little later too. That is what this uses of a selector, which selects nothing.
   */
  private static final class Interruption extends AbstractSelector {
    final NativeInterrupt nativeInterrupt = new NativeInterrupt();
    private boolean inCall; // guarded by this, as is the next
    private boolean raised;

    Interruption() {
      super(null);
    }

    long run(long timeout, Call call) {
      arm();
      try {
        return call.run(timeout, nativeInterrupt);
      } finally {
        end();
        disarm();
      }
    }

    private void arm() {
      synchronized (this) {
        inCall = true;
        if (raised) {
          raised = false;
          nativeInterrupt.clear();
        }
      }
      begin();
    }

    private synchronized void disarm() {
      inCall = false;
    }

    /** Called by the interrupting thread, and by begin if the interrupt came before. */
    @Override
    public synchronized Selector wakeup() {
      if (inCall) {
        raised = true;
        nativeInterrupt.raise();
      }
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
