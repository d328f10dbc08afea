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
  private long position;

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
   * Returns the message's number in the queue, from 0, in the order in which publishers reserved
   * their messages. Numbers only grow, some are never used, and a message keeps its own when it is
   * given back or delivered again.
   *
   * @return the number; 0 in a queue of a Cloudtoid protocol
   */
  public long position() {
    return position;
  }

  /**
   * Describes the message, for logs. The format may change.
   *
   * @return the size, how often the message was handed out before, and its position
   */
  @Override
  public String toString() {
    return "MessageInfo[size="
        + size
        + ", earlierDeliveries="
        + earlierDeliveries
        + ", redelivered="
        + redelivered
        + ", position="
        + position
        + "]";
  }

  void set(long result, long position) {
    size = Results.size(result);
    earlierDeliveries = Results.earlierDeliveries(result);
    redelivered = Results.redelivered(result);
    this.position = position;
  }
}
