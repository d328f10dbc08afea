package io.interprocess;

import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Objects;

/**
 * Takes messages from a queue. Any number of subscribers, in any number of processes, may share a
 * queue, with programs in C++ and C# too; each message goes to one of them. If a subscriber dies
 * while it holds a message, another gets it, marked redelivered.
 *
 * <pre>{@code
 * try (Subscriber subscriber = Subscriber.open("greetings")) {
 *   System.out.println(new String(subscriber.dequeue(), StandardCharsets.UTF_8));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Thread-safe. Threads that share a subscriber take turns; calls that wait for a
 * message stand in line, and let calls that do not wait pass. For speed, open one for each thread:
 * they are cheap.
 *
 * <p><b>Waiting.</b> Methods whose names begin with {@code try} never wait. The others wait for a
 * message: they poll for a moment ({@link #setSpin}), then sleep in native code, until there is one,
 * their time is over, the thread is interrupted ({@link InterruptedException}, at once) or the
 * subscriber is closed by another thread. A negative duration is none: the call tries once. The
 * thread's interrupt status is looked at first, and an interrupted thread takes nothing. A
 * <em>virtual thread</em> that waits keeps its carrier as long, so let calls that wait long run in
 * platform threads, as {@link Receiver} does.
 *
 * <p><b>Memory.</b> What a thread did before it enqueued a message happens before what another does
 * after it took it, as far as that is memory both share.
 *
 * <p><b>Errors.</b> Every call may throw {@link QueueException}: {@link
 * QueueException.Code#FAILED_PRECONDITION} (closed), {@link QueueException.Code#DATA_LOSS} (the file
 * is no sound queue). No argument may be null ({@link NullPointerException}), but for a {@link
 * MessageInfo}. One that is forgotten is closed when it has been garbage-collected.
 */
public final class Subscriber extends Endpoint {
  /** Those who sleep on this and other queues. */
  final WaitAny.Sleepers sleepers = new WaitAny.Sleepers();

  private final FaceSubscriber face;
  private final Copies copies;

  private Subscriber(FaceSubscriber face) {
    super(face, Results.UNAVAILABLE);
    this.face = face;
    copies = new Copies(this, face);
  }

  /**
   * Attaches to a queue with default options, which is made if there is none.
   *
   * @param name the queue's name; not null
   * @return a new subscriber
   * @throws QueueException as {@link Publisher#open(QueueOptions)}
   */
  public static Subscriber open(String name) {
    return open(QueueOptions.of(name));
  }

  /**
   * Attaches to a queue, which is made if the options' mode allows.
   *
   * @param options which queue; not null
   * @return a new subscriber
   * @throws QueueException as {@link Publisher#open(QueueOptions)}
   * @throws UnsatisfiedLinkError if the native library cannot be loaded: what was tried, and why
   *     each failed
   */
  public static Subscriber open(QueueOptions options) {
    return open(options, FaceSubscriber::open, Subscriber::new);
  }

  /**
   * Takes the next message.
   *
   * @return its bytes, in an array of its own; null if there is none now
   * @throws OutOfMemoryError if there is no room for the array; the message is given back
   */
  public byte[] tryDequeue() {
    return copies.tryTake();
  }

  /**
   * Takes the next message, waiting for it.
   *
   * @return its bytes, in an array of its own; never null
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws OutOfMemoryError if there is no room for the array; the message is given back
   */
  public byte[] dequeue() throws InterruptedException {
    return copies.take(Waits.FOREVER);
  }

  /**
   * Takes the next message, waiting for it for some time.
   *
   * @param timeout how long at most
   * @return its bytes, in an array of its own; null if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws OutOfMemoryError if there is no room for the array; the message is given back
   */
  public byte[] dequeue(Duration timeout) throws InterruptedException {
    return copies.take(Waits.nanos(timeout));
  }

  /**
   * Takes the next message and copies it to the front of an array.
   *
   * @param target the array; what is behind the message in it stays as it was
   * @return the message's size in bytes; -1 if there is none now
   * @throws BufferOverflowException if the array is too small; the message stays
   */
  public int tryDequeue(byte[] target) {
    return copies.tryTake(target, 0, target.length, null);
  }

  /**
   * Takes the next message and copies it to a slice of an array.
   *
   * @param target the array; what is behind the message in it stays as it was
   * @param offset where the slice begins
   * @param length how many bytes the message may have
   * @param info filled with what else is known of the message; may be null
   * @return the message's size in bytes; -1 if there is none now
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   * @throws BufferOverflowException if the slice is too small; the message stays
   */
  public int tryDequeue(byte[] target, int offset, int length, MessageInfo info) {
    Objects.checkFromIndexSize(offset, length, target.length);
    return copies.tryTake(target, offset, length, info);
  }

  /**
   * Takes the next message and copies it to an array, waiting for it for some time.
   *
   * @param target the array; what is behind the message in it stays as it was
   * @param timeout how long at most
   * @return the message's size in bytes; -1 if there was none in time
   * @throws BufferOverflowException if the array is too small; the message stays
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(byte[] target, Duration timeout) throws InterruptedException {
    return dequeue(target, 0, target.length, timeout, null);
  }

  /**
   * Takes the next message and copies it to a slice of an array, waiting for it for some time.
   *
   * @param target the array; what is behind the message in it stays as it was
   * @param offset where the slice begins
   * @param length how many bytes the message may have
   * @param timeout how long at most
   * @param info filled with what else is known of the message; may be null
   * @return the message's size in bytes; -1 if there was none in time
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   * @throws BufferOverflowException if the slice is too small; the message stays
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
   * @param target the buffer, best a direct one; its position moves behind the message if there is
   *     one
   * @return the message's size in bytes; -1 if there is none now
   * @throws BufferOverflowException if less remains in the buffer; the message stays
   * @throws ReadOnlyBufferException if it is read-only
   */
  public int tryDequeue(ByteBuffer target) {
    return tryDequeue(target, null);
  }

  /**
   * Takes the next message and copies it to a buffer.
   *
   * @param target the buffer, best a direct one; its position moves behind the message if there is
   *     one
   * @param info filled with what else is known of the message; may be null
   * @return the message's size in bytes; -1 if there is none now
   * @throws BufferOverflowException if less remains in the buffer; the message stays
   * @throws ReadOnlyBufferException if it is read-only
   */
  public int tryDequeue(ByteBuffer target, MessageInfo info) {
    return copies.tryTake(target, info);
  }

  /**
   * Takes the next message and copies it to a buffer, waiting for it for some time.
   *
   * @param target the buffer, best a direct one; its position moves behind the message if there is
   *     one
   * @param timeout how long at most
   * @return the message's size in bytes; -1 if there was none in time
   * @throws BufferOverflowException if less remains in the buffer; the message stays
   * @throws ReadOnlyBufferException if it is read-only
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(ByteBuffer target, Duration timeout) throws InterruptedException {
    return dequeue(target, timeout, null);
  }

  /**
   * Takes the next message and copies it to a buffer, waiting for it for some time.
   *
   * @param target the buffer, best a direct one; its position moves behind the message if there is
   *     one
   * @param timeout how long at most
   * @param info filled with what else is known of the message; may be null
   * @return the message's size in bytes; -1 if there was none in time
   * @throws BufferOverflowException if less remains in the buffer; the message stays
   * @throws ReadOnlyBufferException if it is read-only
   * @throws InterruptedException if the thread is interrupted before there is a message
   */
  public int dequeue(ByteBuffer target, Duration timeout, MessageInfo info)
      throws InterruptedException {
    return copies.take(target, Waits.nanos(timeout), info);
  }

  /**
   * Hands messages that are there now to a handler, one after the other, in place. Each is taken off
   * the queue when its call of the handler returns. The handler may close this subscriber.
   *
   * @param handler deals with them
   * @param max how many at most
   * @return how many there were, 0 if none
   * @throws RuntimeException what the handler throws; that message is given back, those before it
   *     are taken
   */
  public int drain(MessageHandler handler, int max) {
    Objects.requireNonNull(handler, "handler");
    if (max <= 0) {
      return 0;
    }
    long result = face.tryBorrow(staging().place());
    return went(result) ? new Drain(this, face, handler, max).run(result) : 0;
  }

  /**
   * The same, waiting for the first message for some time.
   *
   * @param handler deals with them
   * @param max how many at most
   * @param timeout how long to wait for the first
   * @return how many there were, 0 if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is a message
   * @throws RuntimeException what the handler throws; that message is given back, those before it
   *     are taken
   */
  public int drain(MessageHandler handler, int max, Duration timeout) throws InterruptedException {
    long nanos = Waits.nanos(timeout);
    Waits.checkInterrupt();
    int handled = drain(handler, max);
    if (handled > 0 || max <= 0 || nanos == 0) {
      return handled;
    }
    long place = staging().place();
    long result = waits.run(nanos, (left, interrupt) -> face.borrow(place, left, interrupt));
    return went(result) ? new Drain(this, face, handler, max).run(result) : 0;
  }

  /**
   * Borrows the next message, in place.
   *
   * @return the message; null if there is none now
   */
  public BorrowedMessage tryBorrow() {
    Staging staging = staging();
    BorrowedMessage message = lend(face.tryBorrow(staging.place()), staging);
    Reference.reachabilityFence(this);
    return message;
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
   * Borrows the next message, in place, waiting for it for some time.
   *
   * @param timeout how long at most
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
    long place = staging.place();
    long result = waits.run(timeout, (left, interrupt) -> face.borrow(place, left, interrupt));
    message = lend(result, staging);
    Reference.reachabilityFence(this);
    return message;
  }

  private BorrowedMessage lend(long result, Staging staging) {
    if (!went(result)) {
      return null;
    }
    if (Results.isTooLarge(result)) {
      face.drop(staging.lentToken());
      throw Results.tooLarge(result);
    }
    return new BorrowedMessage(this, staging.lentAddress(), staging.lentToken(), result);
  }

  @Override
  public void close() {
    sleepers.end();
    super.close();
  }

  /** See bindings/face/subscriber.h. */
  long arm(long place) {
    long limit = face.arm(place);
    check(limit);
    Reference.reachabilityFence(this);
    return limit;
  }

  void acknowledge(long token) {
    check(face.acknowledge(token));
    Reference.reachabilityFence(this);
  }
}
