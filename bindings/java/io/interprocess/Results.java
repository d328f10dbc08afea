package io.interprocess;

/** What a number says that the native face returned: see bindings/face/result.h. */
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

  /** The code of a negative result. */
  static int code(long result) {
    return (int) (-result & ((1 << CODE_BITS) - 1));
  }

  /** Of an OUT_OF_RANGE: the bytes that the message needs. */
  static long neededSize(long result) {
    return -result >> CODE_BITS;
  }

  static long size(long result) {
    return result & ((1L << SIZE_BITS) - 1);
  }

  /** Of a message: Java cannot index it. */
  static boolean isTooLarge(long result) {
    return size(result) > Integer.MAX_VALUE;
  }

  static QueueException tooLarge(long result) {
    return QueueException.of(
        OUT_OF_RANGE, "the message has " + size(result) + " bytes, more than Java can index");
  }

  static int earlierDeliveries(long result) {
    return (int) (result >> SIZE_BITS) & ((1 << DELIVERIES_BITS) - 1);
  }

  static boolean redelivered(long result) {
    return result >> REDELIVERED_BIT == 1;
  }
}
