package io.interprocess;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Room for one message, in the queue itself, to be filled and committed. Until then the message does
 * not exist for anybody; later messages of this and other publishers pass it by after about a
 * millisecond, and come before it. Its place in the queue stays taken, so do not hold it for long.
 *
 * <p>It belongs to the thread that got it. In another thread, and after {@link #commit}, {@link
 * #abort} or {@link #close}, every method but those two and {@link #toString} throws {@link
 * IllegalStateException} and touches nothing: a late write can harm no other message, and never the
 * JVM. It may be filled after its publisher was closed, but not committed. One that is forgotten is
 * aborted when it has been garbage-collected.
 *
 * <p>Indices and sizes are in bytes. Numbers of several bytes are written in the {@link #order()
 * byte order}, which is big-endian at first, as a {@link ByteBuffer}'s is. An index outside the room
 * throws {@link IndexOutOfBoundsException}.
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
  private final Place place = new Place();
  private Loan loan; // null when it has ended

  Reservation(Publisher publisher, long address, long token, int size) {
    this.publisher = publisher;
    place.open(publisher.windows(), address, size);
    loan = publisher.lend(token);
  }

  /**
   * How much was reserved.
   *
   * @return the size in bytes
   */
  public int size() {
    place.check();
    return place.size();
  }

  /**
   * The order in which numbers of several bytes are written.
   *
   * @return the order
   */
  public ByteOrder order() {
    return place.order();
  }

  /**
   * Sets the order in which numbers of several bytes are written.
   *
   * @param order the order; not null
   */
  public void order(ByteOrder order) {
    place.order(order);
  }

  /**
   * Writes a byte.
   *
   * @param index where it begins
   * @param value what to write
   */
  public void put(int index, byte value) {
    int at = place.at(index, 1);
    place.bytes().put(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 16-bit number.
   *
   * @param index where it begins
   * @param value what to write
   */
  public void putShort(int index, short value) {
    int at = place.at(index, Short.BYTES);
    place.bytes().putShort(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 32-bit number.
   *
   * @param index where it begins
   * @param value what to write
   */
  public void putInt(int index, int value) {
    int at = place.at(index, Integer.BYTES);
    place.bytes().putInt(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 64-bit number.
   *
   * @param index where it begins
   * @param value what to write
   */
  public void putLong(int index, long value) {
    int at = place.at(index, Long.BYTES);
    place.bytes().putLong(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 32-bit floating-point number.
   *
   * @param index where it begins
   * @param value what to write
   */
  public void putFloat(int index, float value) {
    int at = place.at(index, Float.BYTES);
    place.bytes().putFloat(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Writes a 64-bit floating-point number.
   *
   * @param index where it begins
   * @param value what to write
   */
  public void putDouble(int index, double value) {
    int at = place.at(index, Double.BYTES);
    place.bytes().putDouble(at, value);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies bytes from an array.
   *
   * @param index where they begin in the message
   * @param source the array; not null
   * @param offset where they begin in the array
   * @param length how many
   * @throws IndexOutOfBoundsException if the room or the array has not so many there
   */
  public void put(int index, byte[] source, int offset, int length) {
    place.put(index, source, offset, length);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies what remains in a buffer, and moves its position to its limit.
   *
   * @param index where the bytes begin in the message
   * @param source the buffer; not null
   * @throws IndexOutOfBoundsException if there is not so much room; the buffer is left as it was
   */
  public void put(int index, ByteBuffer source) {
    int length = source.remaining();
    int at = place.at(index, length);
    place.bytes().put(at, source, source.position(), length);
    source.position(source.limit());
    Reference.reachabilityFence(this);
  }

  /**
   * Makes all that was reserved a message. When this returns, it will be delivered, with all that
   * was written to it before.
   *
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if the publisher was
   *     closed meanwhile (the message is aborted), or it was committed or aborted before
   */
  public void commit() {
    commit(place.size());
  }

  /**
   * Makes the first bytes a message.
   *
   * @param size how many
   * @throws QueueException {@link QueueException.Code#INVALID_ARGUMENT} if it is negative or more
   *     than was reserved: the reservation stays open; {@link
   *     QueueException.Code#FAILED_PRECONDITION} if the publisher was closed meanwhile (the message
   *     is aborted), or it was committed or aborted before; {@link
   *     QueueException.Code#RESOURCE_EXHAUSTED}, in Cloudtoid's formats only, where a reservation
   *     holds no room: there is none now, and the reservation stays open
   */
  public void commit(int size) {
    place.checkForEnd("the reservation was committed or aborted before");
    try {
      publisher.commit(loan.token(), size);
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
   * @throws IllegalStateException in another thread than that which got it
   */
  public void abort() {
    if (place.isOpen()) {
      place.check();
      end().drop(publisher.staging());
    }
  }

  /** As {@link #abort}. */
  @Override
  public void close() {
    abort();
  }

  private Loan end() {
    Loan ended = loan;
    loan = null;
    place.close();
    return ended;
  }

  /**
   * For people to read.
   *
   * @return the size, or that the reservation is no more
   */
  @Override
  public String toString() {
    return "Reservation" + (place.isOpen() ? "[" + place.size() + " bytes]" : "[ended]");
  }
}
