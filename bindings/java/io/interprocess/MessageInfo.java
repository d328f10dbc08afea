// SPDX-License-Identifier: MIT

package io.interprocess;

/**
 * Facts about a received message beside its bytes. A call that takes a message fills the object
 * that is passed to it. A call that fails because the message does not fit sets the size only. Any
 * other call leaves it unchanged. It can be reused, by one thread at a time.
 */
public final class MessageInfo {
  private long size;
  private int earlierDeliveries;
  private boolean redelivered;

  /** Makes an object that describes no message yet. */
  public MessageInfo() {}

  /**
   * Returns the message's size.
   *
   * @return the size in bytes
   */
  public long size() {
    return size;
  }

  /**
   * Returns how often the message was handed out before, to subscribers that died holding it or
   * gave it back.
   *
   * @return the number; 0 for the first delivery
   */
  public int earlierDeliveries() {
    return earlierDeliveries;
  }

  /**
   * Returns whether a subscriber died holding the message, and may have acted on it. Only then is a
   * message delivered a second time.
   *
   * @return true if a subscriber died holding it
   */
  public boolean redelivered() {
    return redelivered;
  }

  /**
   * Describes the message, for logs. The format may change.
   *
   * @return the size, and how often the message was handed out before
   */
  @Override
  public String toString() {
    return "MessageInfo[size="
        + size
        + ", earlierDeliveries="
        + earlierDeliveries
        + ", redelivered="
        + redelivered
        + "]";
  }

  void set(long result) {
    size = Results.size(result);
    earlierDeliveries = Results.earlierDeliveries(result);
    redelivered = Results.redelivered(result);
  }
}
