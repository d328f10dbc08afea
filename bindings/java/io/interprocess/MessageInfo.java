package io.interprocess;

/**
 * What is known of a received message beside its bytes. Filled by the call that it is passed to when
 * that call takes a message; of one that there is no room for, with its size only. Left as it was
 * otherwise. May be used again and again, by one thread at a time.
 */
public final class MessageInfo {
  private long size;
  private int earlierDeliveries;
  private boolean redelivered;

  /** Makes one that tells of no message yet. */
  public MessageInfo() {}

  /**
   * The message's size.
   *
   * @return the size in bytes
   */
  public long size() {
    return size;
  }

  /**
   * How often it was handed out before: a subscriber died with it or gave it back.
   *
   * @return the number, 0 for a message that was not
   */
  public int earlierDeliveries() {
    return earlierDeliveries;
  }

  /**
   * Whether a subscriber died holding it, and may have acted on it. The only case of a second
   * delivery.
   *
   * @return true if one did
   */
  public boolean redelivered() {
    return redelivered;
  }

  void set(long result) {
    size = Results.size(result);
    earlierDeliveries = Results.earlierDeliveries(result);
    redelivered = Results.redelivered(result);
  }
}
