// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Waits for messages of several queues in one thread. That thread sleeps in native code until one
 * of the queues has a message. Queues that stay empty cost it nothing but memory.
 *
 * <pre>{@code
 * WaitAny any = new WaitAny(List.of(orders, quotes));
 * while (running) {
 *   any.dequeueBatch(
 *       100,
 *       (subscriber, message) -> handle(subscriber == orders, message),
 *       Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Thread-safe; calls from several threads stand in line. A subscriber may belong
 * to several of these objects, and may be used by itself meanwhile. The caller closes the
 * subscribers.
 *
 * <p><b>Waiting.</b> The wait ends when there is a message, when its time is over, at once when the
 * thread is interrupted, or at once when one of the subscribers is closed. It does not poll before
 * it sleeps. A <em>virtual thread</em> that waits keeps its carrier thread. Queues in Cloudtoid's
 * formats cannot wake a thread that waits for other queues too, so with one of them this looks
 * every 5 ms.
 *
 * <p><b>Lifetime.</b> It needs no close: its native part is deleted some time after it has become
 * unreachable.
 */
public final class WaitAny {
  /**
   * Maximum number of subscribers: the kernel waits on 128 words, and this object needs one itself.
   */
  public static final int MAX_SUBSCRIBERS = 127;

  /** The bytes of an alarm, for native code: the address of a word, and its value. */
  private static final int ALARM = 2 * Long.BYTES;

  /** Handles messages, as {@link WaitAny#dequeueBatch} passes them. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Handles one message. The message is taken off the queue when this method returns. If it
     * throws, the message is given back, and is delivered again later than the messages behind it.
     *
     * @param subscriber the subscriber that got the message; this method may close it
     * @param message valid only in this call and this thread; used later, it throws {@link
     *     IllegalStateException}. The next call may get the same object.
     */
    void handle(Subscriber subscriber, Message message);
  }

  /** The WaitAny objects that sleep on the word of a subscriber's queue. Thread-safe. */
  static final class Sleepers {
    private final Subscriber subscriber;
    private final List<WaitAny> sleepers = new ArrayList<>(0); // guarded by this, as is the next
    private boolean ended;

    Sleepers(Subscriber subscriber) {
      this.subscriber = subscriber;
    }

    private synchronized void add(WaitAny sleeper) {
      if (ended) {
        throw subscriber.failure(
            QueueException.Code.FAILED_PRECONDITION.number(), "the subscriber is closed");
      }
      sleepers.add(sleeper);
    }

    private synchronized void remove(WaitAny sleeper) {
      sleepers.remove(sleeper);
      notifyAll();
    }

    /** Wakes them all. Returns when none sleeps here; none will sleep here later. */
    synchronized void end() {
      ended = true;
      sleepers.forEach(WaitAny::ring);
      boolean interrupted = false;
      while (!sleepers.isEmpty()) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final Subscriber[] subscribers;
  private final FaceBell bell;
  private final Interruption interruption =
      new Interruption() {
        @Override
        void raise() {
          ring();
        }

        @Override
        void clear() {} // each sleep begins with the bell's value of that moment
      };

  private final ReentrantLock line = new ReentrantLock();

  /**
   * The last alarm of each subscriber; behind them the alarms to sleep on, of which the bell is
   * first.
   */
  private final ByteBuffer alarms;

  private final long address;
  private int first; // the subscriber whose turn it is to be first

  /**
   * Makes an object that waits for messages of these subscribers.
   *
   * @param subscribers 1 to {@link #MAX_SUBSCRIBERS} subscribers; not null
   * @throws IllegalArgumentException if there are none, or more
   */
  public WaitAny(Collection<Subscriber> subscribers) {
    this.subscribers = List.copyOf(subscribers).toArray(new Subscriber[0]);
    int count = this.subscribers.length;
    if (count == 0 || count > MAX_SUBSCRIBERS) {
      throw new IllegalArgumentException("1 to " + MAX_SUBSCRIBERS + " subscribers, not " + count);
    }
    FaceBell made = new FaceBell();
    NativeLibrary.CLEANER.register(this, made::delete);
    bell = made;
    alarms = ByteBuffer.allocateDirect((2 * count + 1) * ALARM).order(ByteOrder.nativeOrder());
    address = FaceCalls.addressOf(alarms);
  }

  /**
   * Passes messages to a handler, one after the other, in place, waiting for the first message for
   * a limited time. The queues take turns to be first. Each message is taken off its queue when its
   * call of the handler returns.
   *
   * @param max the maximum number of messages of all queues together
   * @param handler handles each message; not null
   * @param timeout the longest wait for the first message; zero or a negative duration does not
   *     wait; not null
   * @return the number of messages; 0 if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if a subscriber is
   *     closed, before this call or during it; {@link QueueException.Code#DATA_LOSS} if a queue is
   *     damaged. Messages that the handler has handled are taken.
   * @throws RuntimeException what the handler throws; that message is given back, and those before
   *     it are taken
   */
  public int dequeueBatch(int max, Handler handler, Duration timeout) throws InterruptedException {
    Objects.requireNonNull(handler, "handler");
    long nanos = Waits.nanos(timeout);
    Waits.checkInterrupt();
    long end = System.nanoTime() + nanos;
    if (max <= 0 || !standInLine(nanos)) {
      return 0;
    }
    try {
      int handled = look(max, handler);
      while (handled == 0) {
        long left = nanos < 0 ? Long.MAX_VALUE : end - System.nanoTime();
        if (left <= 0) {
          return 0;
        }
        // A ring after this line ends the sleep; so does an enqueue after the alarms are armed.
        // What was
        // enqueued before is seen by the look between.
        long rung = bell.value();
        long limit = arm();
        handled = look(max, handler);
        if (handled == 0) {
          sleep(rung, Math.min(left, limit));
          Waits.checkInterrupt();
        }
      }
      return handled;
    } finally {
      line.unlock();
      Reference.reachabilityFence(this);
    }
  }

  private boolean standInLine(long nanos) throws InterruptedException {
    if (nanos < 0) {
      line.lockInterruptibly();
      return true;
    }
    return nanos == 0 ? line.tryLock() : line.tryLock(nanos, TimeUnit.NANOSECONDS);
  }

  /** Passes the messages that are there now to the handler. Returns how many there were. */
  private int look(int max, Handler handler) {
    Subscriber[] current = new Subscriber[1];
    MessageHandler each = message -> handler.handle(current[0], message);
    int begin = first;
    int handled = 0;
    for (int i = 0; i < subscribers.length && handled < max; ++i) {
      int at = (begin + i) % subscribers.length;
      current[0] = subscribers[at];
      first = at + 1; // the next look begins behind this one, even if it ends here
      handled += current[0].tryDequeueBatch(max - handled, each);
    }
    return handled;
  }

  /**
   * Tells each queue that this thread is about to sleep. Returns the longest sleep in nanoseconds.
   */
  private long arm() {
    long limit = Long.MAX_VALUE;
    for (int i = 0; i < subscribers.length; ++i) {
      limit = Math.min(limit, subscribers[i].arm(address + (long) i * ALARM));
    }
    return limit;
  }

  private void sleep(long rung, long nanos) {
    int start = subscribers.length * ALARM;
    int end = start;
    alarms.putLong(end, bell.word()).putLong(end + Long.BYTES, rung);
    for (int i = 0; i < subscribers.length; ++i) {
      long word = alarms.getLong(i * ALARM);
      if (word != 0) {
        end += ALARM;
        alarms.putLong(end, word).putLong(end + Long.BYTES, alarms.getLong(i * ALARM + Long.BYTES));
      }
    }
    int asleep = 0;
    try {
      for (; asleep < subscribers.length; ++asleep) {
        subscribers[asleep].sleepers.add(this);
      }
      interruption.enter();
      try {
        FaceCalls.faceWaitAny(address + start, (end - start) / ALARM + 1, nanos);
      } finally {
        interruption.leave();
      }
    } finally {
      while (asleep > 0) {
        subscribers[--asleep].sleepers.remove(this);
      }
    }
  }

  private void ring() {
    bell.ring();
    Reference.reachabilityFence(this);
  }
}
