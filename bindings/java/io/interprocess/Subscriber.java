// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Objects;

/**
 * Takes messages from a queue. Any number of subscribers, in any number of processes, may share a
 * queue, with programs in C++ and C# too. Each message goes to one of them. If a subscriber dies
 * while it holds a message, another gets the message, marked redelivered.
 *
 * <pre>{@code
 * try (Subscriber subscriber = Subscriber.open("greetings")) {
 *   System.out.println(new String(subscriber.dequeue(), StandardCharsets.UTF_8));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Thread-safe. Threads that share a subscriber take turns. Calls that wait for a
 * message stand in line and let calls that do not wait pass. For speed, open one subscriber per
 * thread: they are cheap.
 *
 * <p><b>Waiting.</b> Methods whose names begin with {@code try} never wait. The others wait for a
 * message: they poll for a moment ({@link #setSpin}), then sleep in native code. The wait ends when
 * there is a message, when its time is over, at once when the thread is interrupted ({@link
 * InterruptedException}), or at once when another thread closes the subscriber. A negative duration
 * is zero: the call tries once. Each call checks the thread's interrupt status first, and an
 * interrupted thread takes nothing. A <em>virtual thread</em> that waits keeps its carrier thread,
 * so make calls that wait long in platform threads, as {@link Receiver} does.
 *
 * <p><b>Memory.</b> The actions of a thread before it enqueues a message happen before the actions
 * of a thread after it takes that message.
 *
 * <p><b>Errors.</b> Every call may throw {@link QueueException}: {@link
 * QueueException.Code#FAILED_PRECONDITION} (the subscriber is closed, or the queue has lost its
 * name), {@link QueueException.Code#DATA_LOSS} (the file is not a sound queue). No argument may be
 * null ({@link NullPointerException}), except a {@link MessageInfo}.
 *
 * <p><b>Lost names.</b> If something deletes or moves the queue's file (systemd's RemoveIPC,
 * tmpfiles, a person; for the Cloudtoid formats {@link QueueRegistry#remove} as well), others who
 * open the name get another queue. Within a second every call of this endpoint, also one that
 * waits, throws FAILED_PRECONDITION, naming the path, and so do all later calls. A caller that
 * slows down suddenly may make up to 16 more calls first. Borrowed messages can still be
 * acknowledged or given back. {@link #drainNameless} gives what is left. Then close this and open
 * another.
 *
 * <p><b>Lifetime.</b> Close it when it is no longer used. A subscriber that the program forgets is
 * closed some time after it has become unreachable.
 */
public final class Subscriber extends Endpoint {
  /** The WaitAny objects that sleep on this queue and others. */
  final WaitAny.Sleepers sleepers = new WaitAny.Sleepers(this);

  private final FaceSubscriber face;
  private final Copies copies;

  private Subscriber(FaceSubscriber face, QueueOptions options) {
    super(face, options, Results.UNAVAILABLE);
    this.face = face;
    copies = new Copies(this, face);
  }

  /**
   * Attaches to a queue with default options. Makes the queue if there is none.
   *
   * @param name the queue's name; not null
   * @return a new subscriber
   * @throws QueueException see {@link Publisher#open(QueueOptions)}
   */
  public static Subscriber open(String name) {
    return open(QueueOptions.of(name));
  }

  /**
   * Attaches to a queue. Makes the queue if there is none and the options' mode allows it.
   *
   * @param options which queue; not null
   * @return a new subscriber
   * @throws QueueException see {@link Publisher#open(QueueOptions)}
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the text names each place
   *     that was tried, and why it failed
   */
  public static Subscriber open(QueueOptions options) {
    return open(options, FaceSubscriber::open, Subscriber::new);
  }

  /**
   * Takes the next message.
   *
   * @return the message's bytes, in a new array; null if there is none now
   * @throws OutOfMemoryError if there is no memory for the array; the message is given back
   */
  public byte[] tryDequeue() {
    return copies.tryTake();
  }

  /**
   * Takes the next message, waiting for it.
   *
   * @return the message's bytes, in a new array; never null
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws OutOfMemoryError if there is no memory for the array; the message is given back
   */
  public byte[] dequeue() throws InterruptedException {
    return copies.take(Waits.FOREVER);
  }

  /**
   * Takes the next message, waiting for it for a limited time.
   *
   * @param timeout the longest wait
   * @return the message's bytes, in a new array; null if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws OutOfMemoryError if there is no memory for the array; the message is given back
   */
  public byte[] dequeue(Duration timeout) throws InterruptedException {
    return copies.take(Waits.nanos(timeout));
  }

  /**
   * Takes the next message and copies it to the front of an array.
   *
   * @param target the array; bytes behind the message stay unchanged
   * @return the message's size in bytes; -1 if there is none now
   * @throws BufferTooSmallException if the array is too small; the message stays in the queue
   */
  public int tryDequeue(byte[] target) {
    return copies.tryTake(target, 0, target.length, null);
  }

  /**
   * Takes the next message and copies it to a slice of an array.
   *
   * @param target the array; bytes behind the message stay unchanged
   * @param offset the index of the slice's first byte
   * @param length the size of the slice in bytes
   * @param info filled with facts about the message; may be null
   * @return the message's size in bytes; -1 if there is none now
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   * @throws BufferTooSmallException if the slice is too small; the message stays in the queue
   */
  public int tryDequeue(byte[] target, int offset, int length, MessageInfo info) {
    Objects.checkFromIndexSize(offset, length, target.length);
    return copies.tryTake(target, offset, length, info);
  }

  /**
   * Takes the next message and copies it to an array, waiting for it for a limited time.
   *
   * @param target the array; bytes behind the message stay unchanged
   * @param timeout the longest wait
   * @return the message's size in bytes; -1 if there was none in time
   * @throws BufferTooSmallException if the array is too small; the message stays in the queue
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(byte[] target, Duration timeout) throws InterruptedException {
    return dequeue(target, 0, target.length, timeout, null);
  }

  /**
   * Takes the next message and copies it to a slice of an array, waiting for it for a limited time.
   *
   * @param target the array; bytes behind the message stay unchanged
   * @param offset the index of the slice's first byte
   * @param length the size of the slice in bytes
   * @param timeout the longest wait
   * @param info filled with facts about the message; may be null
   * @return the message's size in bytes; -1 if there was none in time
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   * @throws BufferTooSmallException if the slice is too small; the message stays in the queue
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(byte[] target, int offset, int length, Duration timeout, MessageInfo info)
      throws InterruptedException {
    long nanos = Waits.nanos(timeout);
    Objects.checkFromIndexSize(offset, length, target.length);
    return copies.take(target, offset, length, nanos, info);
  }

  /**
   * Takes the next message and copies it to a buffer.
   *
   * @param target the buffer, which is fastest if it is direct; its position moves behind the
   *     message if there is one
   * @return the message's size in bytes; -1 if there is none now
   * @throws BufferTooSmallException if less remains in the buffer; the message stays in the queue
   * @throws ReadOnlyBufferException if the buffer is read-only
   */
  public int tryDequeue(ByteBuffer target) {
    return tryDequeue(target, null);
  }

  /**
   * Takes the next message and copies it to a buffer.
   *
   * @param target the buffer, which is fastest if it is direct; its position moves behind the
   *     message if there is one
   * @param info filled with facts about the message; may be null
   * @return the message's size in bytes; -1 if there is none now
   * @throws BufferTooSmallException if less remains in the buffer; the message stays in the queue
   * @throws ReadOnlyBufferException if the buffer is read-only
   */
  public int tryDequeue(ByteBuffer target, MessageInfo info) {
    return copies.tryTake(target, info);
  }

  /**
   * Takes the next message and copies it to a buffer, waiting for it for a limited time.
   *
   * @param target the buffer, which is fastest if it is direct; its position moves behind the
   *     message if there is one
   * @param timeout the longest wait
   * @return the message's size in bytes; -1 if there was none in time
   * @throws BufferTooSmallException if less remains in the buffer; the message stays in the queue
   * @throws ReadOnlyBufferException if the buffer is read-only
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(ByteBuffer target, Duration timeout) throws InterruptedException {
    return dequeue(target, timeout, null);
  }

  /**
   * Takes the next message and copies it to a buffer, waiting for it for a limited time.
   *
   * @param target the buffer, which is fastest if it is direct; its position moves behind the
   *     message if there is one
   * @param timeout the longest wait
   * @param info filled with facts about the message; may be null
   * @return the message's size in bytes; -1 if there was none in time
   * @throws BufferTooSmallException if less remains in the buffer; the message stays in the queue
   * @throws ReadOnlyBufferException if the buffer is read-only
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(ByteBuffer target, Duration timeout, MessageInfo info)
      throws InterruptedException {
    return copies.take(target, Waits.nanos(timeout), info);
  }

  /**
   * Passes the messages that are there now to a handler, one after the other, in place. Each
   * message is taken off the queue when its call of the handler returns. The handler may close this
   * subscriber.
   *
   * @param max the maximum number of messages
   * @param handler handles each message; not null
   * @return the number of messages; 0 if there are none now
   * @throws RuntimeException what the handler throws; that message is given back, and those before
   *     it are taken
   */
  public int tryDequeueBatch(int max, MessageHandler handler) {
    Objects.requireNonNull(handler, "handler");
    if (max <= 0) {
      return 0;
    }
    Staging staging = staging();
    return batch(face.tryBorrow(staging.handedOut()), staging, max, handler);
  }

  /**
   * Passes messages to a handler as {@link #tryDequeueBatch} does, waiting for the first message
   * for a limited time.
   *
   * @param max the maximum number of messages
   * @param handler handles each message; not null
   * @param timeout the longest wait for the first message
   * @return the number of messages; 0 if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws RuntimeException what the handler throws; that message is given back, and those before
   *     it are taken
   */
  public int dequeueBatch(int max, MessageHandler handler, Duration timeout)
      throws InterruptedException {
    long nanos = Waits.nanos(timeout);
    Waits.checkInterrupt();
    int handled = tryDequeueBatch(max, handler);
    if (handled > 0 || max <= 0 || nanos == 0) {
      return handled;
    }
    Staging staging = staging();
    return batch(borrow(nanos, staging), staging, max, handler);
  }

  private int batch(long result, Staging staging, int max, MessageHandler handler) {
    int handled = 0;
    if (succeeded(result)) {
      handled = new Batch(this, face, max, handler).run(result, staging);
    }
    Reference.reachabilityFence(staging);
    Reference.reachabilityFence(this);
    return handled;
  }

  /**
   * Borrows the next message, in place.
   *
   * @return the message; null if there is none now
   */
  public BorrowedMessage tryBorrow() {
    Staging staging = staging();
    return borrowed(face.tryBorrow(staging.handedOut()), staging);
  }

  /**
   * Borrows the next message, in place, waiting for it.
   *
   * @return the message; never null
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public BorrowedMessage borrow() throws InterruptedException {
    return borrow(Waits.FOREVER);
  }

  /**
   * Borrows the next message, in place, waiting for it for a limited time.
   *
   * @param timeout the longest wait
   * @return the message; null if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public BorrowedMessage borrow(Duration timeout) throws InterruptedException {
    return borrow(Waits.nanos(timeout));
  }

  private BorrowedMessage borrow(long timeout) throws InterruptedException {
    Waits.checkInterrupt();
    BorrowedMessage message = tryBorrow();
    if (message != null || timeout == 0) {
      return message;
    }
    Staging staging = staging();
    return borrowed(borrow(timeout, staging), staging);
  }

  /** Waits in native code. Returns the result of the native call. */
  private long borrow(long timeout, Staging staging) throws InterruptedException {
    long handedOut = staging.handedOut();
    return waits.run(timeout, (left, interrupt) -> face.borrow(handedOut, left, interrupt));
  }

  /** Returns what a native call borrowed; null if there was no message. */
  private BorrowedMessage borrowed(long result, Staging staging) {
    BorrowedMessage message = null;
    if (succeeded(result)) {
      if (Results.isTooLarge(result)) {
        face.drop(staging.handedOutToken());
        throw Results.tooLarge(Results.size(result));
      }
      message = new BorrowedMessage(this, staging, result);
    }
    Reference.reachabilityFence(staging);
    Reference.reachabilityFence(this);
    return message;
  }

  /**
   * For a queue that has lost its name: from now on the calls take what is left in its file. A
   * {@code try} call finds nothing when nothing is left; one that waits then throws {@link
   * QueueException.Code#FAILED_PRECONDITION}, because nothing more comes. Does not wait.
   *
   * @throws QueueException FAILED_PRECONDITION if the name is there, or was removed by {@link
   *     QueueRegistry#remove}
   */
  public void drainNameless() {
    check(face.drainNameless());
    Reference.reachabilityFence(this);
  }

  @Override
  public void close() {
    sleepers.end();
    super.close();
  }

  /** Calls Arm of bindings/face/subscriber.h, which puts two numbers at the address. */
  long arm(long address) {
    long limit = face.arm(address);
    check(limit);
    Reference.reachabilityFence(this);
    return limit;
  }

  void acknowledge(long token) {
    check(face.acknowledge(token));
    Reference.reachabilityFence(this);
  }
}
