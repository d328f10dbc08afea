// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * The memory of one message in place, and which thread may use it.
 *
 * <p>No ByteBuffer over the queue's memory leaves this package, because a ByteBuffer cannot be
 * taken back: used after its message, it would show or overwrite another message, or memory that is
 * unmapped. Programs get a Message or Reservation, and each of its methods checks here first. Only
 * the thread that ends the use may use the memory, so nothing happens between its check and its
 * access.
 */
final class MessageMemory {
  private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

  /** Memory is accessed through buffers that begin at multiples of this. */
  private static final long STRIDE = 1L << 30;

  /** From this many bytes on, the C library copies faster than the JVM. */
  private static final int LARGE = 8192;

  /** A buffer over more than the queue's memory; only the bytes of messages are accessed. */
  private static final class Window {
    final long start;
    final ByteBuffer bytes;

    Window(long start) {
      this.start = start;
      bytes = (ByteBuffer) FaceCalls.bufferOver(start, Integer.MAX_VALUE);
    }
  }

  /** Keeps the window that an endpoint used last, which is nearly always the next. Thread-safe. */
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

  /** The owner of memory that was handed over, until another thread uses it. */
  private static final Object NOBODY = new Object();

  private static final VarHandle OWNER;

  static {
    try {
      OWNER = MethodHandles.lookup().findVarHandle(MessageMemory.class, "owner", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private Object owner; // a thread, or NOBODY; null after the message's end
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

  /** Ends the use of the memory. Called by the owner only. */
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
    Thread current = Thread.currentThread();
    if (owner != current && !takeOver(current)) {
      throw new IllegalStateException(
          owner == null
              ? "the message in place was used after its end"
              : "the message in place belongs to " + owner);
    }
  }

  /**
   * Lets another thread use the memory: the first that does is the owner from then on. Called by
   * the owner.
   */
  void handOver() {
    check();
    // Release: what this thread did to the message happens before what the next owner does.
    OWNER.setRelease(this, NOBODY);
  }

  private boolean takeOver(Thread thread) {
    return owner == NOBODY && OWNER.compareAndSet(this, NOBODY, thread);
  }

  /**
   * Throws if this thread may not end the use of the memory; {@code ended} says that it has ended.
   */
  void checkForEnd(Endpoint endpoint, String ended) {
    if (!isOpen()) {
      throw endpoint.failure(QueueException.Code.FAILED_PRECONDITION.number(), ended);
    }
    check();
  }

  /** Returns where those bytes are in {@link #bytes}. Throws if this thread may not use them. */
  int at(int index, int length) {
    check();
    return base + Objects.checkFromIndexSize(index, length, size);
  }

  /** Returns a buffer that has the message at the position that {@link #at} returns. */
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
