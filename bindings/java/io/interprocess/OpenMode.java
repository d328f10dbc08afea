package io.interprocess;

/** What opening does when a queue of that name exists, and when none does. */
public enum OpenMode {
  /**
   * Takes part in the queue, which it makes if there is none. An existing one must have been made
   * with the same options.
   */
  OPEN_OR_CREATE(0),
  /**
   * Takes part in an existing queue, with the capacity and other options that it has. {@link
   * QueueException.Code#NOT_FOUND} if there is none.
   */
  OPEN_EXISTING(1),
  /** Makes the queue. {@link QueueException.Code#ALREADY_EXISTS} if there is one. */
  CREATE_NEW(2);

  private final int number;

  OpenMode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
