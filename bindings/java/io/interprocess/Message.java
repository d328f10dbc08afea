// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A received message, in place: its bytes lie in the queue's memory and are read from there. Only
 * the thread that got it can use it, and only until it is taken off the queue or given back. In
 * another thread or later, every method except {@link #toString} throws {@link
 * IllegalStateException} and touches nothing. So it neither shows another message's bytes nor
 * endangers the JVM, which a {@link ByteBuffer} over the same memory could not promise.
 *
 * <p>Indices and sizes are in bytes. Numbers of several bytes are read in the {@link #order() byte
 * order}, which is big-endian at first, as a ByteBuffer's is. An index outside the message throws
 * {@link IndexOutOfBoundsException}.
 */
public abstract class Message {
  private final MessageMemory memory = new MessageMemory();
  private long info;
  private long position;

  Message() {}

  final void open(MessageMemory.Windows windows, long address, long info, long position) {
    memory.open(windows, address, Results.size(info));
    this.info = info;
    this.position = position;
  }

  final MessageMemory memory() {
    return memory;
  }

  /**
   * Returns the message's size.
   *
   * @return the size in bytes
   */
  public final int size() {
    memory.check();
    return memory.size();
  }

  /**
   * Returns how often the message was handed out before, to subscribers that died holding it or
   * gave it back.
   *
   * @return the number; 0 for the first delivery
   */
  public final int earlierDeliveries() {
    memory.check();
    return Results.earlierDeliveries(info);
  }

  /**
   * Returns whether a subscriber died holding the message, and may have acted on it. Only then is a
   * message delivered a second time.
   *
   * @return true if a subscriber died holding it
   */
  public final boolean redelivered() {
    memory.check();
    return Results.redelivered(info);
  }

  /**
   * Returns the message's number in the queue, from 0, in the order in which publishers reserved
   * their messages. Numbers only grow, some are never used, and a message keeps its own when it is
   * given back or delivered again.
   *
   * @return the number; 0 in a queue of a Cloudtoid protocol
   */
  public final long position() {
    memory.check();
    return position;
  }

  /**
   * Returns the order in which numbers of several bytes are read.
   *
   * @return the order; never null
   */
  public final ByteOrder order() {
    return memory.order();
  }

  /**
   * Sets the order in which numbers of several bytes are read.
   *
   * @param order the order; not null
   */
  public final void order(ByteOrder order) {
    memory.order(order);
  }

  /**
   * Reads a byte.
   *
   * @param index the index of its first byte in the message
   * @return its value
   */
  public final byte get(int index) {
    int at = memory.at(index, 1);
    byte value = memory.bytes().get(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 16-bit number.
   *
   * @param index the index of its first byte in the message
   * @return its value
   */
  public final short getShort(int index) {
    int at = memory.at(index, Short.BYTES);
    short value = memory.bytes().getShort(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 32-bit number.
   *
   * @param index the index of its first byte in the message
   * @return its value
   */
  public final int getInt(int index) {
    int at = memory.at(index, Integer.BYTES);
    int value = memory.bytes().getInt(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 64-bit number.
   *
   * @param index the index of its first byte in the message
   * @return its value
   */
  public final long getLong(int index) {
    int at = memory.at(index, Long.BYTES);
    long value = memory.bytes().getLong(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 32-bit floating-point number.
   *
   * @param index the index of its first byte in the message
   * @return its value
   */
  public final float getFloat(int index) {
    int at = memory.at(index, Float.BYTES);
    float value = memory.bytes().getFloat(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 64-bit floating-point number.
   *
   * @param index the index of its first byte in the message
   * @return its value
   */
  public final double getDouble(int index) {
    int at = memory.at(index, Double.BYTES);
    double value = memory.bytes().getDouble(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Copies bytes to an array.
   *
   * @param index the index of the first byte in the message
   * @param target the array; not null
   * @param offset the index of the first byte in the array
   * @param length the number of bytes
   * @throws IndexOutOfBoundsException if the bytes do not lie within the message and the array
   */
  public final void get(int index, byte[] target, int offset, int length) {
    memory.get(index, target, offset, length);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies the message to a buffer, and moves its position behind it.
   *
   * @param target the buffer; not null
   * @throws BufferTooSmallException if less remains in the buffer, which stays unchanged
   * @throws java.nio.ReadOnlyBufferException if the buffer is read-only
   */
  public final void copyTo(ByteBuffer target) {
    int size = size();
    if (target.remaining() < size) {
      throw new BufferTooSmallException(size, target.remaining());
    }
    target.put(target.position(), memory.bytes(), memory.at(0, size), size);
    target.position(target.position() + size);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies the message to a new array.
   *
   * @return the message's bytes
   */
  public final byte[] toByteArray() {
    byte[] copy = new byte[size()];
    get(0, copy, 0, copy.length);
    return copy;
  }

  /**
   * Describes the message, for logs. The format may change.
   *
   * @return the size, or that the message has ended
   */
  @Override
  public String toString() {
    return getClass().getSimpleName()
        + (memory.isOpen() ? "[" + memory.size() + " bytes]" : "[ended]");
  }
}
