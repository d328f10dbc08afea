// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.BufferOverflowException;

/**
 * A message is larger than the array, slice or buffer that it was to go into. The message stays in
 * the queue, and the buffer stays unchanged.
 */
public final class BufferTooSmallException extends BufferOverflowException {
  private static final long serialVersionUID = 1L;

  /**
   * The size of the message in bytes.
   *
   * @serial
   */
  private final long neededSize;

  /**
   * The bytes that the buffer has room for.
   *
   * @serial
   */
  private final int room;

  BufferTooSmallException(long neededSize, int room) {
    this.neededSize = neededSize;
    this.room = room;
  }

  /**
   * Returns the size of the message.
   *
   * @return the bytes that the buffer must have room for
   */
  public long neededSize() {
    return neededSize;
  }

  /**
   * Returns the sizes of the message and of the buffer.
   *
   * @return the text; never null
   */
  @Override
  public String getMessage() {
    return "the message has " + neededSize + " bytes, the buffer has room for " + room;
  }
}
