// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * Puts messages into a queue. Any number of publishers, in any number of processes, may share a
 * queue, with programs in C++ and C# too. Messages that one thread enqueues one after the other are
 * delivered in that order.
 *
 * <pre>{@code
 * try (Publisher publisher = Publisher.open("greetings")) {
 *   publisher.enqueue("hello".getBytes(StandardCharsets.UTF_8));
 * }
 * }</pre>
 *
 * <p><b>Threads.</b> Thread-safe. Threads that share a publisher take turns. Calls that wait for
 * room stand in line and let calls that do not wait pass. For speed, open one publisher per thread:
 * they are cheap.
 *
 * <p><b>Waiting.</b> Methods whose names begin with {@code try} never wait. The others wait for
 * room: they poll for a moment ({@link #setSpin}), then sleep in native code. The wait ends when
 * there is room, when its time is over, at once when the thread is interrupted ({@link
 * InterruptedException}), or at once when another thread closes the publisher. A negative duration
 * is zero: the call tries once. Each call checks the thread's interrupt status first, and an
 * interrupted thread enqueues nothing. A <em>virtual thread</em> that waits keeps its carrier
 * thread, so make calls that wait long in platform threads.
 *
 * <p><b>Memory.</b> The actions of a thread before it enqueues a message happen before the actions
 * of a thread after it takes that message.
 *
 * <p><b>Errors.</b> Every call may throw {@link QueueException}: {@link
 * QueueException.Code#FAILED_PRECONDITION} (the publisher is closed, or the queue has lost its
 * name: see {@link Subscriber}), {@link QueueException.Code#DATA_LOSS} (the file is not a sound
 * queue), {@link QueueException.Code#INVALID_ARGUMENT} (the message is larger than {@link
 * #maxMessageSize()}). No argument may be null ({@link NullPointerException}).
 *
 * <p><b>Lifetime.</b> Close it when it is no longer used. A publisher that the program forgets is
 * closed some time after it has become unreachable.
 */
public final class Publisher extends Endpoint {
  private final FacePublisher face;

  private Publisher(FacePublisher face, QueueOptions options) {
    super(face, options, Results.RESOURCE_EXHAUSTED);
    this.face = face;
  }

  /**
   * Attaches to a queue with default options. Makes the queue if there is none.
   *
   * @param name the queue's name; not null
   * @return a new publisher
   * @throws QueueException see {@link #open(QueueOptions)}
   */
  public static Publisher open(String name) {
    return open(QueueOptions.of(name));
  }

  /**
   * Attaches to a queue. Makes the queue if there is none and the options' mode allows it.
   *
   * @param options which queue; not null
   * @return a new publisher
   * @throws QueueException INVALID_ARGUMENT (an option has a bad value, or the directory is a link
   *     or a file), NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION (the queue
   *     exists with other options; the text names both values), RESOURCE_EXHAUSTED (there is no
   *     space for the queue, or {@code maxParticipants} are attached already), DATA_LOSS
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the text names each place
   *     that was tried, and why it failed
   */
  public static Publisher open(QueueOptions options) {
    return open(options, FacePublisher::open, Publisher::new);
  }

  /**
   * Enqueues a message if there is room.
   *
   * @param message the message's bytes
   * @return true if the message is enqueued, and will be delivered even if this process dies; false
   *     if there is no room now
   */
  public boolean tryEnqueue(byte[] message) {
    long result = staging().put(face, message, 0, message.length);
    boolean in = result == 0 || succeeded(result);
    Reference.reachabilityFence(this);
    return in;
  }

  /**
   * Enqueues a slice of an array as a message if there is room.
   *
   * @param source the array
   * @param offset the index of the message's first byte
   * @param length the message's size in bytes
   * @return true if the message is enqueued; false if there is no room now
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   */
  public boolean tryEnqueue(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    long result = staging().put(face, source, offset, length);
    boolean in = result == 0 || succeeded(result);
    Reference.reachabilityFence(this);
    return in;
  }

  /**
   * Enqueues the remaining bytes of a buffer as a message if there is room. A direct buffer is
   * fastest; the bytes of a read-only heap buffer are copied once more.
   *
   * @param message the buffer; its position moves to its limit if the message is enqueued
   * @return true if the message is enqueued; false if there is no room now
   */
  public boolean tryEnqueue(ByteBuffer message) {
    int position = message.position();
    int length = message.remaining();
    boolean in;
    if (message.isDirect()) {
      in = succeeded(staging().put(face, message, position, length));
      Reference.reachabilityFence(message);
      Reference.reachabilityFence(this);
    } else if (message.hasArray()) {
      in = tryEnqueue(message.array(), message.arrayOffset() + position, length);
    } else {
      in = tryEnqueue(copyOf(message));
    }
    if (in) {
      message.position(position + length);
    }
    return in;
  }

  /**
   * Enqueues a message, waiting for room.
   *
   * @param message the message's bytes
   * @throws InterruptedException if the thread is interrupted before the message is enqueued
   */
  public void enqueue(byte[] message) throws InterruptedException {
    enqueue(message, 0, message.length, Waits.FOREVER);
  }

  /**
   * Enqueues a message, waiting for room for a limited time.
   *
   * @param message the message's bytes
   * @param timeout the longest wait
   * @return true if the message is enqueued; false if there was no room in time
   * @throws InterruptedException if the thread is interrupted before the message is enqueued
   */
  public boolean enqueue(byte[] message, Duration timeout) throws InterruptedException {
    return enqueue(message, 0, message.length, Waits.nanos(timeout));
  }

  /**
   * Enqueues a slice of an array as a message, waiting for room for a limited time.
   *
   * @param source the array
   * @param offset the index of the message's first byte
   * @param length the message's size in bytes
   * @param timeout the longest wait
   * @return true if the message is enqueued; false if there was no room in time
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   * @throws InterruptedException if the thread is interrupted before the message is enqueued
   */
  public boolean enqueue(byte[] source, int offset, int length, Duration timeout)
      throws InterruptedException {
    Objects.checkFromIndexSize(offset, length, source.length);
    return enqueue(source, offset, length, Waits.nanos(timeout));
  }

  /**
   * Enqueues the remaining bytes of a buffer as a message, waiting for room.
   *
   * @param message the buffer; its position moves to its limit if the message is enqueued
   * @throws InterruptedException if the thread is interrupted before the message is enqueued
   */
  public void enqueue(ByteBuffer message) throws InterruptedException {
    enqueue(message, Waits.FOREVER);
  }

  /**
   * Enqueues the remaining bytes of a buffer as a message, waiting for room for a limited time.
   *
   * @param message the buffer; its position moves to its limit if the message is enqueued
   * @param timeout the longest wait
   * @return true if the message is enqueued; false if there was no room in time
   * @throws InterruptedException if the thread is interrupted before the message is enqueued
   */
  public boolean enqueue(ByteBuffer message, Duration timeout) throws InterruptedException {
    return enqueue(message, Waits.nanos(timeout));
  }

  private boolean enqueue(byte[] source, int offset, int length, long timeout)
      throws InterruptedException {
    Waits.checkInterrupt();
    try {
      if (succeeded(staging().put(face, source, offset, length))) {
        return true;
      }
      return timeout != 0
          && succeeded(
              waits.run(
                  timeout,
                  (left, interrupt) ->
                      FaceCalls.enqueueArray(face, source, offset, length, left, interrupt)));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private boolean enqueue(ByteBuffer message, long timeout) throws InterruptedException {
    int position = message.position();
    int length = message.remaining();
    boolean in;
    if (message.isDirect()) {
      in = enqueueDirect(message, position, length, timeout);
    } else if (message.hasArray()) {
      in = enqueue(message.array(), message.arrayOffset() + position, length, timeout);
    } else {
      in = enqueue(copyOf(message), 0, length, timeout);
    }
    if (in) {
      message.position(position + length);
    }
    return in;
  }

  private boolean enqueueDirect(ByteBuffer message, int position, int length, long timeout)
      throws InterruptedException {
    Waits.checkInterrupt();
    try {
      if (succeeded(staging().put(face, message, position, length))) {
        return true;
      }
      return timeout != 0
          && succeeded(
              waits.run(
                  timeout,
                  (left, interrupt) ->
                      FaceCalls.enqueueBuffer(face, message, position, length, left, interrupt)));
    } finally {
      Reference.reachabilityFence(message);
      Reference.reachabilityFence(this);
    }
  }

  private static byte[] copyOf(ByteBuffer buffer) {
    byte[] copy = new byte[buffer.remaining()];
    buffer.get(buffer.position(), copy);
    return copy;
  }

  /**
   * Enqueues messages in order until one finds no room. Each is a message of its own and is
   * committed by itself. The batch saves work between them and wakes subscribers once. All messages
   * together may have about 2 GiB.
   *
   * @param messages the bytes of each message; none is null
   * @return the number of messages enqueued; 0 if the queue is full
   * @throws QueueException INVALID_ARGUMENT if a message is too large; then none is enqueued
   */
  public int tryEnqueueBatch(List<byte[]> messages) {
    long result = new Frames(messages).tryEnqueue(face);
    int in = succeeded(result) ? (int) result : 0;
    Reference.reachabilityFence(this);
    return in;
  }

  /**
   * Enqueues messages in order until one finds no room, as {@link #tryEnqueueBatch} does. Waits
   * until the first one has room.
   *
   * @param messages the bytes of each message; none is null
   * @return the number of messages enqueued; 0 only if there are none
   * @throws QueueException INVALID_ARGUMENT if a message is too large; then none is enqueued
   * @throws InterruptedException if the thread is interrupted before a message is enqueued
   */
  public int enqueueBatch(List<byte[]> messages) throws InterruptedException {
    return enqueueBatch(messages, Waits.FOREVER);
  }

  /**
   * Enqueues messages in order until one finds no room, as {@link #tryEnqueueBatch} does. Waits
   * until the first one has room, for a limited time.
   *
   * @param messages the bytes of each message; none is null
   * @param timeout the longest wait
   * @return the number of messages enqueued; 0 if there was no room in time
   * @throws QueueException INVALID_ARGUMENT if a message is too large; then none is enqueued
   * @throws InterruptedException if the thread is interrupted before a message is enqueued
   */
  public int enqueueBatch(List<byte[]> messages, Duration timeout) throws InterruptedException {
    return enqueueBatch(messages, Waits.nanos(timeout));
  }

  private int enqueueBatch(List<byte[]> messages, long timeout) throws InterruptedException {
    Waits.checkInterrupt();
    int in = tryEnqueueBatch(messages);
    if (in > 0 || messages.isEmpty() || timeout == 0) {
      return in;
    }
    byte[] first = messages.get(0);
    if (!enqueue(first, 0, first.length, timeout)) {
      return 0;
    }
    // The first message is enqueued, so an error of a later one shows with the next call.
    long result = new Frames(messages.subList(1, messages.size())).tryEnqueue(face);
    Reference.reachabilityFence(this);
    return 1 + (int) Math.max(0, result);
  }

  /**
   * Reserves room for a message, to be filled in place.
   *
   * @param size the bytes to reserve
   * @return the reservation; null if there is no room now
   */
  public Reservation tryReserve(int size) {
    Staging staging = staging();
    return reservation(face.tryReserve(size, staging.handedOut()), size, staging);
  }

  /**
   * Reserves room for a message, to be filled in place, waiting for room.
   *
   * @param size the bytes to reserve
   * @return the reservation; never null
   * @throws InterruptedException if the thread is interrupted before there is room
   */
  public Reservation reserve(int size) throws InterruptedException {
    return reserve(size, Waits.FOREVER);
  }

  /**
   * Reserves room for a message, to be filled in place, waiting for room for a limited time.
   *
   * @param size the bytes to reserve
   * @param timeout the longest wait
   * @return the reservation; null if there was no room in time
   * @throws InterruptedException if the thread is interrupted before there is room
   */
  public Reservation reserve(int size, Duration timeout) throws InterruptedException {
    return reserve(size, Waits.nanos(timeout));
  }

  private Reservation reserve(int size, long timeout) throws InterruptedException {
    Waits.checkInterrupt();
    Reservation reservation = tryReserve(size);
    if (reservation != null || timeout == 0) {
      return reservation;
    }
    Staging staging = staging();
    long handedOut = staging.handedOut();
    return reservation(
        waits.run(timeout, (left, interrupt) -> face.reserve(size, handedOut, left, interrupt)),
        size,
        staging);
  }

  /** Returns what a native call reserved; null if there was no room. */
  private Reservation reservation(long result, int size, Staging staging) {
    Reservation reservation = null;
    if (succeeded(result)) {
      reservation =
          new Reservation(this, staging.handedOutAddress(), staging.handedOutToken(), size);
    }
    Reference.reachabilityFence(staging);
    Reference.reachabilityFence(this);
    return reservation;
  }

  void commit(long token, int size) {
    check(face.commit(token, size));
    Reference.reachabilityFence(this);
  }
}
