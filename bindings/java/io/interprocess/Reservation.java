// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Room for one message in the queue itself, to be filled and committed. Before the commit no
 * subscriber sees the message. Later messages of any publisher pass it after about a millisecond
 * and are delivered first. Its slot in the queue stays taken, so do not hold it for long.
 *
 * <p>It belongs to the thread that reserved it, or to the one that it was handed over to ({@link
 * #handOver}). In another thread, and after {@link #commit}, {@link #abort} or {@link #close},
 * every method except those and {@link #toString} throws {@link IllegalStateException} and touches
 * nothing: a late write cannot harm another message or the JVM. It may be filled after its
 * publisher is closed, but not committed. A reservation that the program forgets is aborted some
 * time after it has become unreachable.
 *
 * <p>Indices and sizes are in bytes. Numbers of several bytes are written in the {@link #order()
 * byte order}, which is big-endian at first, as a {@link ByteBuffer}'s is. An index outside the
 * room throws {@link IndexOutOfBoundsException}.
 *
 * <pre>{@code
 * try (Reservation room = publisher.reserve(12)) {
 *   room.putLong(0, orderNumber);
 *   room.putInt(8, amount);
 *   room.commit();
 * }
 * }</pre>
 */
public final class Reservation implements AutoCloseable {
  private final Publisher publisher;
  private final MessageMemory memory = new MessageMemory();
  private HandedOut handedOut; // null after the reservation's end

  Reservation(Publisher publisher, long address, long token, int size) {
    this.publisher = publisher;
    memory.open(publisher.windows(), address, size);
    handedOut = publisher.handOut(token);
  }

  /**
   * Returns the size of the reserved room.
   *
   * @return the size in bytes
   */
  public int size() {
    memory.check();
    return memory.size();
  }

  /**
   * Returns the order in which numbers of several bytes are written.
   *
   * @return the order; never null
   */
  public ByteOrder order() {
    return memory.order();
  }

  /**
   * Sets the order in which numbers of several bytes are written.
   *
   * @param order the order; not null
   */
  public void order(ByteOrder order) {
    memory.order(order);
  }

  /**
   * Writes a byte.
   *
   * @param index the index of its first byte in the message
   * @param value the value to write
   */
  public void put(int index, byte value) {
    int at = memory.at(index, 1);
    memory.bytes().put(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 16-bit number.
   *
   * @param index the index of its first byte in the message
   * @param value the value to write
   */
  public void putShort(int index, short value) {
    int at = memory.at(index, Short.BYTES);
    memory.bytes().putShort(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 32-bit number.
   *
   * @param index the index of its first byte in the message
   * @param value the value to write
   */
  public void putInt(int index, int value) {
    int at = memory.at(index, Integer.BYTES);
    memory.bytes().putInt(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 64-bit number.
   *
   * @param index the index of its first byte in the message
   * @param value the value to write
   */
  public void putLong(int index, long value) {
    int at = memory.at(index, Long.BYTES);
    memory.bytes().putLong(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 32-bit floating-point number.
   *
   * @param index the index of its first byte in the message
   * @param value the value to write
   */
  public void putFloat(int index, float value) {
    int at = memory.at(index, Float.BYTES);
    memory.bytes().putFloat(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 64-bit floating-point number.
   *
   * @param index the index of its first byte in the message
   * @param value the value to write
   */
  public void putDouble(int index, double value) {
    int at = memory.at(index, Double.BYTES);
    memory.bytes().putDouble(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies bytes from an array.
   *
   * @param index the index of the first byte in the message
   * @param source the array; not null
   * @param offset the index of the first byte in the array
   * @param length the number of bytes
   * @throws IndexOutOfBoundsException if the bytes do not lie within the message and the array
   */
  public void put(int index, byte[] source, int offset, int length) {
    memory.put(index, source, offset, length);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies the remaining bytes of a buffer, and moves its position to its limit.
   *
   * @param index the index of the first byte in the message
   * @param source the buffer; not null
   * @throws IndexOutOfBoundsException if the message has no room for the bytes; the buffer stays
   *     unchanged
   */
  public void put(int index, ByteBuffer source) {
    int length = source.remaining();
    int at = memory.at(index, length);
    memory.bytes().put(at, source, source.position(), length);
    source.position(source.limit());
    Reference.reachabilityFence(this);
  }

  /**
   * Hands this reservation over to another thread: the first thread that uses it from now on owns
   * it, and no other thread can use it. What this thread did to it happens before what that one
   * does.
   *
   * @return this reservation
   * @throws IllegalStateException if another thread owns it, or it has ended
   */
  public Reservation handOver() {
    memory.handOver();
    return this;
  }

  /**
   * Makes the whole reserved room a message. When this method returns, the message will be
   * delivered, with all bytes that were written before.
   *
   * @throws QueueException see {@link #commit(int)}
   */
  public void commit() {
    memory.checkForEnd(publisher, "the reservation was committed or aborted before");
    commit(memory.size());
  }

  /**
   * Makes the first bytes of the reserved room a message, as {@link #commit()} does.
   *
   * @param size the size of the message in bytes
   * @throws QueueException {@link QueueException.Code#INVALID_ARGUMENT} if the size is negative or
   *     larger than the reserved room; the reservation stays open. {@link
   *     QueueException.Code#FAILED_PRECONDITION} if the publisher was closed meanwhile (the message
   *     is aborted), or if the reservation was committed or aborted before. {@link
   *     QueueException.Code#RESOURCE_EXHAUSTED} in Cloudtoid's formats only, where a reservation
   *     holds no room: there is no room now, and the reservation stays open.
   */
  public void commit(int size) {
    memory.checkForEnd(publisher, "the reservation was committed or aborted before");
    try {
      publisher.commit(handedOut.token(), size);
    } catch (QueueException e) {
      if (!leavesItOpen(e.code())) {
        end().drop(publisher.staging());
      }
      throw e;
    }
    end().end(publisher.staging());
  }

  private static boolean leavesItOpen(QueueException.Code code) {
    return code == QueueException.Code.INVALID_ARGUMENT
        || code == QueueException.Code.RESOURCE_EXHAUSTED;
  }

  /**
   * Gives the room back. Does nothing after {@link #commit}.
   *
   * @throws IllegalStateException if it belongs to another thread
   */
  public void abort() {
    if (memory.isOpen()) {
      memory.check();
      end().drop(publisher.staging());
    }
  }

  /** Does what {@link #abort} does. */
  @Override
  public void close() {
    abort();
  }

  private HandedOut end() {
    HandedOut ended = handedOut;
    handedOut = null;
    memory.close();
    return ended;
  }

  /**
   * Describes the reservation, for logs. The format may change.
   *
   * @return the size, or that the reservation has ended
   */
  @Override
  public String toString() {
    return "Reservation" + (memory.isOpen() ? "[" + memory.size() + " bytes]" : "[ended]");
  }
}
