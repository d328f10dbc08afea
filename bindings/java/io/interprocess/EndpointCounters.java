// SPDX-License-Identifier: MIT

package io.interprocess;

import java.util.StringJoiner;

/** What a publisher or subscriber has counted since it was opened. Immutable. */
public final class EndpointCounters {
  private final long messages;
  private final long bytes;
  private final long fullOrEmpty;
  private final long waits;
  private final long redelivered;

  EndpointCounters(FaceCounters counters) {
    messages = counters.getMessages();
    bytes = counters.getBytes();
    fullOrEmpty = counters.getFullOrEmpty();
    waits = counters.getWaits();
    redelivered = counters.getRedelivered();
  }

  /**
   * Returns how many messages it enqueued or took. A message that was borrowed and given back was
   * taken. Some may be missing where several threads commit one publisher's reservations.
   *
   * @return the number
   */
  public long messages() {
    return messages;
  }

  /**
   * Returns how many bytes those messages had.
   *
   * @return the number
   */
  public long bytes() {
    return bytes;
  }

  /**
   * Returns how often a publisher came upon a full queue, a subscriber upon an empty one. Polls,
   * tries and waits one after the other, with no message between them, count once.
   *
   * @return the number
   */
  public long fullOrEmpty() {
    return fullOrEmpty;
  }

  /**
   * Returns how often it began to wait. A wait that lets the call of another thread pass, and then
   * goes on, begins again.
   *
   * @return the number
   */
  public long waits() {
    return waits;
  }

  /**
   * Returns how many of the messages were marked redelivered.
   *
   * @return the number
   */
  public long redelivered() {
    return redelivered;
  }

  /**
   * Describes the counters, for logs. The format may change.
   *
   * @return each number with its name
   */
  @Override
  public String toString() {
    return new StringJoiner(", ", "EndpointCounters[", "]")
        .add("messages=" + messages)
        .add("bytes=" + bytes)
        .add("fullOrEmpty=" + fullOrEmpty)
        .add("waits=" + waits)
        .add("redelivered=" + redelivered)
        .toString();
  }
}
