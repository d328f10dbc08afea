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
 * Waits for messages of several queues in one thread. That thread sleeps in native code until one of
 * the queues has a message; queues that stay empty cost it nothing but memory.
 *
 * <pre>{@code
 * WaitAny any = new WaitAny(List.of(orders, quotes));
 * while (running) {
 *   any.drain((subscriber, message) -> handle(subscriber == orders, message), 100, Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Thread-safe; calls from several threads stand in line. A subscriber may belong to
 * several of these, and be used by itself meanwhile. The subscribers stay the caller's, to close.
 *
 * <p><b>Waiting.</b> As of {@link Subscriber}: it ends when there is a message, when its time is over, at
 * once when the thread is interrupted or one of the subscribers is closed. It does not poll before it
 * sleeps. A <em>virtual thread</em> that waits keeps its carrier as long. Queues in Cloudtoid's formats
 * wake nobody who waits for others too, so while there is one of them it looks every 5 ms.
 */
public final class WaitAny {
  /** How many subscribers one of these may have: the kernel waits on 128 words, and one is its own. */
  public static final int MAX_SUBSCRIBERS = 127;

  /** For native code: a word's address and its value. */
  private static final int PLACE = 2 * Long.BYTES;

  /** Deals with messages that {@link WaitAny#drain} hands to it. */
  @FunctionalInterface
  public interface Handler {
    /**
     * Deals with one message. It is taken off the queue when this returns; when it throws, the message
     * is given back and delivered again, later than the messages behind it.
     *
     * @param subscriber that got it; this may close it
     * @param message valid only within this call and this thread; used after it, it throws {@link
     *     IllegalStateException}. The next call may get the same object.
     */
    void handle(Subscriber subscriber, Message message);
  }

  /** Those who sleep on the word of a subscriber's queue, which is gone with it. Thread-safe. */
  static final class Sleepers {
    private final List<WaitAny> sleepers = new ArrayList<>(0); // guarded by this, as is the next
    private boolean ended;

    private synchronized void add(WaitAny sleeper) {
      if (ended) {
        throw new QueueException(
            QueueException.Code.FAILED_PRECONDITION, "one of the subscribers is closed");
      }
      sleepers.add(sleeper);
    }

    private synchronized void remove(WaitAny sleeper) {
      sleepers.remove(sleeper);
      notifyAll();
    }

    /** Wakes them; returns when none sleeps here, and none will. */
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
        void clear() {} // each sleep begins with what the bell says then
      };

  private final ReentrantLock line = new ReentrantLock();
  /** A place for each subscriber's word, then those of the bell and the words to sleep on. */
  private final ByteBuffer places;
  private final long address;
  private int first; // whose messages come first

  /**
   * Makes one for these subscribers.
   *
   * @param subscribers whose messages to wait for, 1 to {@link #MAX_SUBSCRIBERS}; not null
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
    places = ByteBuffer.allocateDirect((2 * count + 1) * PLACE).order(ByteOrder.nativeOrder());
    address = FaceCalls.addressOf(places);
  }

  /**
   * Hands messages to a handler, one after the other, in place, waiting for the first for some time. The
   * queues take turns to be first. Each message is taken off its queue when its call of the handler
   * returns.
   *
   * @param handler deals with them; not null
   * @param max how many at most, of all queues together
   * @param timeout how long to wait for the first; none, or less, does not wait; not null
   * @return how many there were, 0 if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if a subscriber is closed,
   *     maybe meanwhile; {@link QueueException.Code#DATA_LOSS} if a queue is damaged. What the handler
   *     has had is taken.
   * @throws RuntimeException what the handler throws; that message is given back, those before it are
   *     taken
   */
  public int drain(Handler handler, int max, Duration timeout) throws InterruptedException {
    Objects.requireNonNull(handler, "handler");
    long nanos = Waits.nanos(timeout);
    Waits.checkInterrupt();
    long end = System.nanoTime() + nanos;
    if (max <= 0 || !standInLine(nanos)) {
      return 0;
    }
    try {
      int handled = look(handler, max);
      while (handled == 0) {
        long left = nanos < 0 ? Long.MAX_VALUE : end - System.nanoTime();
        if (left <= 0) {
          return 0;
        }
        // Who rings after this ends the sleep; who enqueues after the words were armed does too.
        long rung = bell.value();
        long limit = arm();
        handled = look(handler, max);
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

  /** Hands over what is there; how much it was. */
  private int look(Handler handler, int max) {
    Subscriber[] current = new Subscriber[1];
    MessageHandler each = message -> handler.handle(current[0], message);
    int begin = first;
    int handled = 0;
    for (int i = 0; i < subscribers.length && handled < max; ++i) {
      int at = (begin + i) % subscribers.length;
      current[0] = subscribers[at];
      first = at + 1; // should this one have more than its turn
      handled += current[0].drain(each, max - handled);
    }
    return handled;
  }

  /** Says to each queue that somebody is about to sleep; how many nanoseconds at most. */
  private long arm() {
    long limit = Long.MAX_VALUE;
    for (int i = 0; i < subscribers.length; ++i) {
      limit = Math.min(limit, subscribers[i].arm(address + (long) i * PLACE));
    }
    return limit;
  }

  private void sleep(long rung, long nanos) {
    int start = subscribers.length * PLACE;
    int end = start;
    places.putLong(end, bell.word()).putLong(end + Long.BYTES, rung);
    for (int i = 0; i < subscribers.length; ++i) {
      long word = places.getLong(i * PLACE);
      if (word != 0) {
        end += PLACE;
        places.putLong(end, word).putLong(end + Long.BYTES, places.getLong(i * PLACE + Long.BYTES));
      }
    }
    int asleep = 0;
    try {
      for (; asleep < subscribers.length; ++asleep) {
        subscribers[asleep].sleepers.add(this);
      }
      interruption.enter();
      try {
        FaceCalls.faceWaitAny(address + start, (end - start) / PLACE + 1, nanos);
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
