// SPDX-License-Identifier: MIT

package io.interprocess;

/** Reads the number that a call of the native face returns: see bindings/face/result.h. */
final class Results {
  static final int CANCELLED = 1;
  static final int DEADLINE_EXCEEDED = 4;
  static final int RESOURCE_EXHAUSTED = 8;
  static final int OUT_OF_RANGE = 11;
  static final int UNAVAILABLE = 14;

  private static final int CODE_BITS = 8;
  private static final int SIZE_BITS = 40;
  private static final int DELIVERIES_BITS = 22;
  private static final int REDELIVERED_BIT = 62;

  private Results() {}

  /** Returns the code of a negative result. */
  static int code(long result) {
    return (int) (-result & ((1 << CODE_BITS) - 1));
  }

  /** Returns the size in bytes of the message that an OUT_OF_RANGE result tells of. */
  static long neededSize(long result) {
    return -result >> CODE_BITS;
  }

  /** Returns the size in bytes of the message that a result tells of. */
  static long size(long result) {
    return result & ((1L << SIZE_BITS) - 1);
  }

  /** Returns whether a message is too large for Java to index. */
  static boolean isTooLarge(long result) {
    return size(result) > Integer.MAX_VALUE;
  }

  static QueueException tooLarge(long size) {
    return QueueException.of(
        OUT_OF_RANGE, "the message has " + size + " bytes, more than Java can index");
  }

  static int earlierDeliveries(long result) {
    return (int) (result >> SIZE_BITS) & ((1 << DELIVERIES_BITS) - 1);
  }

  static boolean redelivered(long result) {
    return result >> REDELIVERED_BIT == 1;
  }
}
