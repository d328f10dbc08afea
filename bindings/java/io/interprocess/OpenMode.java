// SPDX-License-Identifier: MIT

package io.interprocess;

/** What opening does when a queue of that name exists, and when there is none. */
public enum OpenMode {
  /**
   * Joins the queue, and makes it if there is none. An existing queue must have been made with the
   * same options.
   */
  OPEN_OR_CREATE(0),
  /**
   * Joins an existing queue, with the capacity and other options that it has. Fails with {@link
   * QueueException.Code#NOT_FOUND} if there is none.
   */
  OPEN_EXISTING(1),
  /** Makes the queue. Fails with {@link QueueException.Code#ALREADY_EXISTS} if there is one. */
  CREATE_NEW(2);

  private final int number;

  OpenMode(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
