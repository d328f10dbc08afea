package io.interprocess;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Memory outside the Java heap, one for each thread, through which small messages go, and the places
 * of those that are lent. A native call that gets an address asks the JVM for nothing: what JNI takes
 * to copy from and to arrays, or to tell where a buffer is, costs more than the call itself.
 */
final class Staging {
  /** Larger messages go straight between the queue and the caller's memory. */
  private static final int SIZE = 512;

  /** More than a thread has open at a time, as a rule. */
  private static final int MOST_SPARE_LOANS = 64;

  private static final ThreadLocal<Staging> OF_THREAD = ThreadLocal.withInitial(Staging::new);

  /** A message, and behind it where one is that native code lends, and its token. */
  private final ByteBuffer bytes =
      ByteBuffer.allocateDirect(SIZE + 2 * Long.BYTES).order(ByteOrder.nativeOrder());
  private final long address = FaceCalls.addressOf(bytes);
  private final Thread owner = Thread.currentThread();

  private Loan spareLoans;
  private int spareLoanCount;

  private Staging() {}

  /**
   * This thread's: the one given if it is. What is in it holds until the thread's next call that
   * uses it.
   *
   * @param last any thread's, or null
   */
  static Staging ofThread(Staging last) {
    return last != null && last.owner == Thread.currentThread() ? last : OF_THREAD.get();
  }

  /** For a native call, which puts there where a message lies and its token. */
  long place() {
    return address + SIZE;
  }

  /** Where the message lies that was lent last. */
  long lentAddress() {
    return bytes.getLong(SIZE);
  }

  long lentToken() {
    return bytes.getLong(SIZE + Long.BYTES);
  }

  /** A loan that {@link #keepSpareLoan} kept; null if there is none. */
  Loan takeSpareLoan() {
    Loan loan = spareLoans;
    if (loan != null) {
      spareLoans = loan.next;
      loan.next = null;
      --spareLoanCount;
    }
    return loan;
  }

  /** Keeps a loan for later use, if there are not many. */
  void keepSpareLoan(Loan loan) {
    if (spareLoanCount < MOST_SPARE_LOANS) {
      loan.next = spareLoans;
      spareLoans = loan;
      ++spareLoanCount;
    }
  }

  /** Enqueues a slice of an array if there is room; the result of the native call. */
  long put(FacePublisher face, byte[] source, int offset, int length) {
    if (length > SIZE) {
      return FaceCalls.tryEnqueueArray(face, source, offset, length);
    }
    bytes.put(0, source, offset, length);
    return face.tryEnqueue(address, length);
  }

  /** The same of a direct buffer. */
  long put(FacePublisher face, ByteBuffer source, int position, int length) {
    if (length > SIZE) {
      return FaceCalls.tryEnqueueBuffer(face, source, position, length);
    }
    bytes.put(0, source, position, length);
    return face.tryEnqueue(address, length);
  }

  /** Takes the next message to a slice of an array; the result of the native call. */
  long take(FaceSubscriber face, byte[] target, int offset, int length) {
    long result = face.tryDequeue(address, Math.min(length, SIZE));
    if (result >= 0) {
      bytes.get(0, target, offset, (int) Results.size(result));
    } else if (length > SIZE && Results.code(result) == Results.OUT_OF_RANGE) {
      result = FaceCalls.tryDequeueArray(face, target, offset, length);
    }
    return result;
  }

  /** The same to a direct buffer. */
  long take(FaceSubscriber face, ByteBuffer target, int position, int room) {
    long result = face.tryDequeue(address, Math.min(room, SIZE));
    if (result >= 0) {
      target.put(position, bytes, 0, (int) Results.size(result));
    } else if (room > SIZE && Results.code(result) == Results.OUT_OF_RANGE) {
      result = FaceCalls.tryDequeueBuffer(face, target, position, room);
    }
    return result;
  }
}
