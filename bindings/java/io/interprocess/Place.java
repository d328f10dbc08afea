package io.interprocess;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Where a message lies in the queue's memory, and who may touch it.
 *
 * <p>No ByteBuffer over the queue's memory ever leaves this package, for a ByteBuffer cannot be
 * taken back: used after its message, it would show, or overwrite, another one, or memory that is
 * unmapped. What leaves is a Message or Reservation, each access of which asks here first. One
 * thread may do so, the one that also ends the access, so that neither comes between the other's
 * look and use.
 */
final class Place {
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);
  /** Memory is looked at through buffers that begin at multiples of this. */
  private static final long STRIDE = 1L << 30;
  /** From so many bytes on, the C library copies them quicker than the JVM. */
  private static final int LARGE = 8192;

  /** A buffer over more than the queue's memory: it is used only where messages lie. */
  private static final class Window {
    final long start;
    final ByteBuffer bytes;

    Window(long start) {
      this.start = start;
      bytes = (ByteBuffer) FaceCalls.bufferOver(start, Integer.MAX_VALUE);
    }
  }

  /** The windows of an endpoint: nearly always the one that was used last. Thread-safe. */
  static final class Windows {
    private volatile Window last;

    private Window at(long start) {
      Window window = last;
      if (window == null || window.start != start) {
        window = new Window(start);
        last = window;
      }
      return window;
    }
  }

  private Thread owner; // null when the message is no more
  private ByteBuffer bytes;
  private long address;
  private int base;
  private int size;

  /** Lets this thread use the memory from now on. */
  void open(Windows windows, long address, long size) {
    if (size == 0) {
      bytes = NOTHING;
      base = 0;
    } else if (size < STRIDE) {
      Window window = windows.at(address & -STRIDE);
      bytes = window.bytes;
      base = (int) (address - window.start);
    } else {
      bytes = (ByteBuffer) FaceCalls.bufferOver(address, size);
      base = 0;
    }
    this.address = address;
    this.size = (int) size;
    owner = Thread.currentThread();
  }

  /** Lets nobody use the memory any more. By the owner only. */
  void close() {
    owner = null;
    bytes = null;
    size = 0;
  }

  boolean isOpen() {
    return owner != null;
  }

  int size() {
    return size;
  }

  /** Throws if this thread may not use the memory. */
  void check() {
    if (owner != Thread.currentThread()) {
      throw new IllegalStateException(
          owner == null
              ? "the message in place was used after its end"
              : "the message in place belongs to " + owner);
    }
  }

  /** Throws if this thread may not end the use of the memory; {@code ended} says that it has ended. */
  void checkForEnd(String ended) {
    if (!isOpen()) {
      throw QueueException.of(QueueException.Code.FAILED_PRECONDITION.number(), ended);
    }
    check();
  }

  /** Throws if this thread may not use those bytes; where they are in {@link #bytes} otherwise. */
  int at(int index, int length) {
    check();
    return base + Objects.checkFromIndexSize(index, length, size);
  }

  /** Where the message is, at what {@link #at} says. */
  ByteBuffer bytes() {
    return bytes;
  }

  /** Copies bytes of the message to an array. */
  void get(int index, byte[] target, int offset, int length) {
    int at = at(index, length);
    if (length < LARGE) {
      bytes.get(at, target, offset, length);
    } else {
      Objects.checkFromIndexSize(offset, length, target.length);
      FaceCalls.copyToArray(address + index, target, offset, length);
    }
  }

  /** Copies bytes of an array to the message. */
  void put(int index, byte[] source, int offset, int length) {
    int at = at(index, length);
    if (length < LARGE) {
      bytes.put(at, source, offset, length);
    } else {
      Objects.checkFromIndexSize(offset, length, source.length);
      FaceCalls.copyFromArray(address + index, source, offset, length);
    }
  }

  void order(ByteOrder order) {
    check();
    bytes = bytes.duplicate().order(order);
  }

  ByteOrder order() {
    check();
    return bytes.order();
  }
}
