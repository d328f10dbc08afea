// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the Java heap, one piece for each thread. Small messages are copied through it,
 * and native code puts there what it hands out in place. A native call that gets an address asks
 * the JVM for nothing. JNI's own means, copies from arrays and addresses of buffers, cost more than
 * the rest of the call.
 *
 * <p>The thread holds it weakly, and the endpoint that the thread used last holds it strongly. A
 * thread that held it strongly would keep this class, its class loader and the native library for
 * as long as the thread lives. So a method here that passes the address to native code keeps this
 * object reachable to the end of the call, and a caller that passes {@link #handedOut} does so too.
 */
final class Staging {
  /** Larger messages go straight between the queue and the caller's memory. */
  private static final int SIZE = 512;

  /** Maximum number of unused {@link HandedOut} kept per thread. */
  private static final int MAX_SPARE = 64;

  /** Holds classes of the JDK only. */
  private static final ThreadLocal<WeakReference<Staging>> OF_THREAD = new ThreadLocal<>();

  /**
   * A message; behind it the address, the token and the position of what native code hands out, or
   * only the position of what it copies.
   */
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(SIZE + 3 * Long.BYTES).order(ByteOrder.nativeOrder());

  private final long address = FaceCalls.addressOf(bytes);
  private final Thread owner = Thread.currentThread();

  private HandedOut spare;
  private int spareCount;

  private Staging() {}

  /**
   * Returns this thread's staging. Its content is valid until the thread's next call that uses it.
   *
   * @param last the staging of any thread, or null: returned if it is this thread's
   */
  static Staging ofThread(Staging last) {
    return last != null && last.owner == Thread.currentThread() ? last : find();
  }

  private static Staging find() {
    WeakReference<Staging> known = OF_THREAD.get();
    Staging staging = known == null ? null : known.get();
    if (staging == null) {
      staging = new Staging();
      OF_THREAD.set(new WeakReference<>(staging));
    }
    return staging;
  }

  /** Returns the address where a native call puts the numbers of what it hands out or copies. */
  long handedOut() {
    return address + SIZE;
  }

  /** Returns the address of the message that was handed out last. */
  long handedOutAddress() {
    return bytes.getLong(SIZE);
  }

  /** Returns the token of the message that was handed out last. */
  long handedOutToken() {
    return bytes.getLong(SIZE + Long.BYTES);
  }

  /** Returns the position of the message that was handed out last. */
  long handedOutPosition() {
    return bytes.getLong(SIZE + 2 * Long.BYTES);
  }

  /** Returns the position of the message that was copied last. */
  long copiedPosition() {
    return bytes.getLong(SIZE);
  }

  /**
   * Returns the result of a native call that returned no array: native code puts it where the
   * address would be.
   */
  long newArrayResult() {
    return handedOutAddress();
  }

  /** Returns one that {@link #keepSpare} kept; null if there is none. */
  HandedOut takeSpare() {
    HandedOut taken = spare;
    if (taken != null) {
      spare = taken.next;
      taken.next = null;
      --spareCount;
    }
    return taken;
  }

  /** Keeps one for later use, unless there are many already. */
  void keepSpare(HandedOut unused) {
    if (spareCount < MAX_SPARE) {
      unused.next = spare;
      spare = unused;
      ++spareCount;
    }
  }

  /** Enqueues a slice of an array if there is room. Returns the result of the native call. */
  long put(FacePublisher face, byte[] source, int offset, int length) {
    if (length > SIZE) {
      return FaceCalls.tryEnqueueArray(face, source, offset, length);
    }
    bytes.put(0, source, offset, length);
    long result = face.tryEnqueue(address, length);
    Reference.reachabilityFence(this);
    return result;
  }

  /**
   * Enqueues a slice of a direct buffer if there is room. Returns the result of the native call.
   */
  long put(FacePublisher face, ByteBuffer source, int position, int length) {
    if (length > SIZE) {
      return FaceCalls.tryEnqueueBuffer(face, source, position, length);
    }
    bytes.put(0, source, position, length);
    long result = face.tryEnqueue(address, length);
    Reference.reachabilityFence(this);
    return result;
  }

  /** Moves the next message to a slice of an array. Returns the result of the native call. */
  long take(FaceSubscriber face, byte[] target, int offset, int length) {
    long result = face.tryDequeue(address, Math.min(length, SIZE), handedOut());
    if (result >= 0) {
      bytes.get(0, target, offset, (int) Results.size(result));
    } else if (length > SIZE && Results.code(result) == Results.OUT_OF_RANGE) {
      result = FaceCalls.tryDequeueArray(face, target, offset, length, handedOut());
    }
    Reference.reachabilityFence(this);
    return result;
  }

  /**
   * Moves the next message to a slice of a direct buffer. Returns the result of the native call.
   */
  long take(FaceSubscriber face, ByteBuffer target, int position, int room) {
    long result = face.tryDequeue(address, Math.min(room, SIZE), handedOut());
    if (result >= 0) {
      target.put(position, bytes, 0, (int) Results.size(result));
    } else if (room > SIZE && Results.code(result) == Results.OUT_OF_RANGE) {
      result = FaceCalls.tryDequeueBuffer(face, target, position, room, handedOut());
    }
    Reference.reachabilityFence(this);
    return result;
  }
}
