package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
 * <p><b>Threads.</b> Thread-safe. Threads that share a publisher take turns; calls that wait for
 * room stand in line, and let calls that do not wait pass. For speed, open one for each thread: they
 * are cheap.
 *
 * <p><b>Waiting.</b> Methods whose names begin with {@code try} never wait. The others wait for room:
 * they poll for a moment ({@link #setSpin}), then sleep in native code, until there is room, their
 * time is over, the thread is interrupted ({@link InterruptedException}, at once) or the publisher
 * is closed by another thread. A negative duration is none: the call tries once. The thread's
 * interrupt status is looked at first, and an interrupted thread enqueues nothing. A <em>virtual
 * thread</em> that waits keeps its carrier as long, so let calls that wait long run in platform
 * threads.
 *
 * <p><b>Memory.</b> What a thread did before it enqueued a message happens before what another does
 * after it took it, as far as that is memory both share.
 *
 * <p><b>Errors.</b> Every call may throw {@link QueueException}: {@link
 * QueueException.Code#FAILED_PRECONDITION} (closed), {@link QueueException.Code#DATA_LOSS} (the file
 * is no sound queue), {@link QueueException.Code#INVALID_ARGUMENT} (the message is larger than {@link
 * #maxMessageSize()}). No argument may be null ({@link NullPointerException}). One that is forgotten
 * is closed when it has been garbage-collected.
 */
public final class Publisher extends Endpoint {
  private final FacePublisher face;

  private Publisher(FacePublisher face) {
    super(face, Results.RESOURCE_EXHAUSTED);
    this.face = face;
  }

  /**
   * Attaches to a queue with default options, which is made if there is none.
   *
   * @param name the queue's name; not null
   * @return a new publisher
   * @throws QueueException as {@link #open(QueueOptions)}
   */
  public static Publisher open(String name) {
    return open(QueueOptions.of(name));
  }

  /**
   * Attaches to a queue, which is made if the options' mode allows.
   *
   * @param options which queue; not null
   * @return a new publisher
   * @throws QueueException INVALID_ARGUMENT (an option, or a directory that is a link or a file),
   *     NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, FAILED_PRECONDITION (the queue exists with other
   *     options; both values are named), RESOURCE_EXHAUSTED (no space for it, or {@code
   *     maxParticipants} are attached already), DATA_LOSS
   * @throws UnsatisfiedLinkError if the native library cannot be loaded: what was tried, and why
   *     each failed
   */
  public static Publisher open(QueueOptions options) {
    return open(options, FacePublisher::open, Publisher::new);
  }

  /**
   * Enqueues a message if there is room.
   *
   * @param message its bytes
   * @return true if it is enqueued and will be delivered, whatever happens to this process; false if
   *     there is no room now
   */
  public boolean tryEnqueue(byte[] message) {
    long result = staging().put(face, message, 0, message.length);
    boolean in = result == 0 || went(result);
    Reference.reachabilityFence(this);
    return in;
  }

  /**
   * Enqueues a slice of an array as a message if there is room.
   *
   * @param source the array
   * @param offset where the message begins
   * @param length its size in bytes
   * @return true if it is enqueued; false if there is no room now
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   */
  public boolean tryEnqueue(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    long result = staging().put(face, source, offset, length);
    boolean in = result == 0 || went(result);
    Reference.reachabilityFence(this);
    return in;
  }

  /**
   * Enqueues what remains in a buffer as a message if there is room. Best direct: what is in a
   * read-only buffer on the heap is copied once more.
   *
   * @param message the buffer; its position moves to its limit if it is enqueued
   * @return true if it is enqueued; false if there is no room now
   */
  public boolean tryEnqueue(ByteBuffer message) {
    int position = message.position();
    int length = message.remaining();
    boolean in;
    if (message.isDirect()) {
      in = went(staging().put(face, message, position, length));
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
   * @param message its bytes
   * @throws InterruptedException if the thread is interrupted before it is enqueued
   */
  public void enqueue(byte[] message) throws InterruptedException {
    enqueue(message, 0, message.length, Waits.FOREVER);
  }

  /**
   * Enqueues a message, waiting for room for some time.
   *
   * @param message its bytes
   * @param timeout how long at most
   * @return true if it is enqueued; false if there was no room in time
   * @throws InterruptedException if the thread is interrupted before it is enqueued
   */
  public boolean enqueue(byte[] message, Duration timeout) throws InterruptedException {
    return enqueue(message, 0, message.length, Waits.nanos(timeout));
  }

  /**
   * Enqueues a slice of an array as a message, waiting for room for some time.
   *
   * @param source the array
   * @param offset where the message begins
   * @param length its size in bytes
   * @param timeout how long at most
   * @return true if it is enqueued; false if there was no room in time
   * @throws IndexOutOfBoundsException if the slice does not lie within the array
   * @throws InterruptedException if the thread is interrupted before it is enqueued
   */
  public boolean enqueue(byte[] source, int offset, int length, Duration timeout)
      throws InterruptedException {
    Objects.checkFromIndexSize(offset, length, source.length);
    return enqueue(source, offset, length, Waits.nanos(timeout));
  }

  /**
   * Enqueues what remains in a buffer as a message, waiting for room.
   *
   * @param message the buffer; its position moves to its limit when it is enqueued
   * @throws InterruptedException if the thread is interrupted before it is enqueued
   */
  public void enqueue(ByteBuffer message) throws InterruptedException {
    enqueue(message, Waits.FOREVER);
  }

  /**
   * Enqueues what remains in a buffer as a message, waiting for room for some time.
   *
   * @param message the buffer; its position moves to its limit if it is enqueued
   * @param timeout how long at most
   * @return true if it is enqueued; false if there was no room in time
   * @throws InterruptedException if the thread is interrupted before it is enqueued
   */
  public boolean enqueue(ByteBuffer message, Duration timeout) throws InterruptedException {
    return enqueue(message, Waits.nanos(timeout));
  }

  private boolean enqueue(byte[] source, int offset, int length, long timeout)
      throws InterruptedException {
    Waits.checkInterrupt();
    try {
      if (went(staging().put(face, source, offset, length))) {
        return true;
      }
      return timeout != 0
          && went(
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
      if (went(staging().put(face, message, position, length))) {
        return true;
      }
      return timeout != 0
          && went(
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
   * Enqueues messages in order until one finds no room. Each is a message of its own, committed for
   * itself; the batch saves work between them, and wakes subscribers once. Together they may have
   * about 2 GiB.
   *
   * @param messages their bytes; no null among them
   * @return how many went in, 0 if the queue is full
   * @throws QueueException INVALID_ARGUMENT if one of them is too large: none went in
   */
  public int tryEnqueueBatch(List<byte[]> messages) {
    long size = 0;
    for (byte[] message : messages) {
      size += Long.BYTES + padded(message.length);
    }
    if (size > Integer.MAX_VALUE) {
      throw new QueueException(
          QueueException.Code.INVALID_ARGUMENT, "a batch of " + size + " bytes, more than 2 GiB");
    }
    // As bindings/face/frames.h says.
    ByteBuffer frames = ByteBuffer.allocate((int) size).order(ByteOrder.nativeOrder());
    int count = 0;
    for (byte[] message : messages) {
      frames.putLong(message.length).put(message);
      frames.position((int) padded(frames.position()));
      ++count;
    }
    long result = FaceCalls.tryEnqueueBatchArray(face, frames.array(), count);
    int in = went(result) ? (int) result : 0;
    Reference.reachabilityFence(this);
    return in;
  }

  private static long padded(long size) {
    return (size + Long.BYTES - 1) & -Long.BYTES;
  }

  /**
   * Takes room for a message, to be filled in place.
   *
   * @param size how much, in bytes
   * @return the room; null if there is none now
   */
  public Reservation tryReserve(int size) {
    Staging staging = staging();
    Reservation room = null;
    if (went(face.tryReserve(size, staging.place()))) {
      room = new Reservation(this, staging.lentAddress(), staging.lentToken(), size);
    }
    Reference.reachabilityFence(this);
    return room;
  }

  /**
   * Takes room for a message, to be filled in place, waiting for it.
   *
   * @param size how much, in bytes
   * @return the room; never null
   * @throws InterruptedException if the thread is interrupted before there is room
   */
  public Reservation reserve(int size) throws InterruptedException {
    return reserve(size, Waits.FOREVER);
  }

  /**
   * Takes room for a message, to be filled in place, waiting for it for some time.
   *
   * @param size how much, in bytes
   * @param timeout how long at most
   * @return the room; null if there was none in time
   * @throws InterruptedException if the thread is interrupted before there is room
   */
  public Reservation reserve(int size, Duration timeout) throws InterruptedException {
    return reserve(size, Waits.nanos(timeout));
  }

  private Reservation reserve(int size, long timeout) throws InterruptedException {
    Waits.checkInterrupt();
    Reservation room = tryReserve(size);
    if (room != null || timeout == 0) {
      return room;
    }
    Staging staging = staging();
    long place = staging.place();
    if (went(waits.run(timeout, (left, interrupt) -> face.reserve(size, place, left, interrupt)))) {
      room = new Reservation(this, staging.lentAddress(), staging.lentToken(), size);
    }
    Reference.reachabilityFence(this);
    return room;
  }

  void commit(long token, int size) {
    check(face.commit(token, size));
    Reference.reachabilityFence(this);
  }
}
