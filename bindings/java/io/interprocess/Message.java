package io.interprocess;

import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A received message, in place: its bytes lie in the queue's memory, and are read from there. It can
 * be used by the thread that got it, and only until it is taken off the queue or given back; in
 * another thread or later, every method but {@link #toString} throws {@link IllegalStateException}
 * and touches nothing. So it neither shows another message's bytes nor endangers the JVM, which a
 * {@link ByteBuffer} over the same memory could not promise.
 *
 * <p>Indices and sizes are in bytes. Numbers of several bytes are read in the {@link #order() byte
 * order}, which is big-endian at first, as a ByteBuffer's is. An index outside the message throws
 * {@link IndexOutOfBoundsException}.
 */
public abstract class Message {
  private final Place place = new Place();
  private long info;

  Message() {}

  final void open(Place.Windows windows, long address, long info) {
    place.open(windows, address, Results.size(info));
    this.info = info;
  }

  final Place place() {
    return place;
  }

  /**
   * The message's size.
   *
   * @return the size in bytes
   */
  public final int size() {
    place.check();
    return place.size();
  }

  /**
   * How often it was handed out before: a subscriber died with it or gave it back.
   *
   * @return the number, 0 for a message that was not
   */
  public final int earlierDeliveries() {
    place.check();
    return Results.earlierDeliveries(info);
  }

  /**
   * Whether a subscriber died holding it, and may have acted on it. The only case of a second
   * delivery.
   *
   * @return true if one did
   */
  public final boolean redelivered() {
    place.check();
    return Results.redelivered(info);
  }

  /**
   * The order in which numbers of several bytes are read.
   *
   * @return the order
   */
  public final ByteOrder order() {
    return place.order();
  }

  /**
   * Sets the order in which numbers of several bytes are read.
   *
   * @param order the order; not null
   */
  public final void order(ByteOrder order) {
    place.order(order);
  }

  /**
   * Reads a byte.
   *
   * @param index where it begins
   * @return what is there
   */
  public final byte get(int index) {
    int at = place.at(index, 1);
    byte value = place.bytes().get(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 16-bit number.
   *
   * @param index where it begins
   * @return what is there
   */
  public final short getShort(int index) {
    int at = place.at(index, Short.BYTES);
    short value = place.bytes().getShort(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 32-bit number.
   *
   * @param index where it begins
   * @return what is there
   */
  public final int getInt(int index) {
    int at = place.at(index, Integer.BYTES);
    int value = place.bytes().getInt(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 64-bit number.
   *
   * @param index where it begins
   * @return what is there
   */
  public final long getLong(int index) {
    int at = place.at(index, Long.BYTES);
    long value = place.bytes().getLong(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 32-bit floating-point number.
   *
   * @param index where it begins
   * @return what is there
   */
  public final float getFloat(int index) {
    int at = place.at(index, Float.BYTES);
    float value = place.bytes().getFloat(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Reads a 64-bit floating-point number.
   *
   * @param index where it begins
   * @return what is there
   */
  public final double getDouble(int index) {
    int at = place.at(index, Double.BYTES);
    double value = place.bytes().getDouble(at);
    Reference.reachabilityFence(this);
    return value;
  }

  /**
   * Copies bytes to an array.
   *
   * @param index where they begin in the message
   * @param target the array; not null
   * @param offset where they begin in the array
   * @param length how many
   * @throws IndexOutOfBoundsException if the message or the array has not so many there
   */
  public final void get(int index, byte[] target, int offset, int length) {
    place.get(index, target, offset, length);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies the message to a buffer, and moves its position behind it.
   *
   * @param target the buffer; not null
   * @throws BufferOverflowException if less remains in it; it is left as it was
   * @throws java.nio.ReadOnlyBufferException if it is read-only
   */
  public final void copyTo(ByteBuffer target) {
    int size = size();
    if (target.remaining() < size) {
      throw new BufferOverflowException();
    }
    target.put(target.position(), place.bytes(), place.at(0, size), size);
    target.position(target.position() + size);
    Reference.reachabilityFence(this);
  }

  /**
   * Copies the message.
   *
   * @return a new array of its size
   */
  public final byte[] toByteArray() {
    byte[] copy = new byte[size()];
    get(0, copy, 0, copy.length);
    return copy;
  }

  /**
   * For people to read.
   *
   * @return the size, or that the message is no more
   */
  @Override
  public String toString() {
    return getClass().getSimpleName()
        + (place.isOpen() ? "[" + place.size() + " bytes]" : "[ended]");
  }
}
