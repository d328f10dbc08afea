// SPDX-License-Identifier: MIT

package io.interprocess;

/**
 * A message that is lent to one subscriber: no other subscriber gets it, and it stays in the queue.
 * Acknowledge it when it has been handled. Closing it without an acknowledgement gives it back: it
 * is delivered again, later than the messages behind it. If the process dies, the message is
 * delivered to another subscriber, marked redelivered. A subscriber may hold several messages and
 * acknowledge them in any order. Their room in the queue is free only then.
 *
 * <p>It belongs to the thread that borrowed it: see {@link Message}. {@link #handOver} gives it to
 * another thread, so that one thread borrows and a pool works and acknowledges. It stays readable,
 * and can be acknowledged, after its subscriber is closed. A message that the program forgets is
 * given back some time after it has become unreachable.
 *
 * <pre>{@code
 * try (BorrowedMessage message = subscriber.borrow()) {
 *   handle(message.getLong(0), message.getInt(8));
 *   message.acknowledge();
 * }
 * }</pre>
 */
public final class BorrowedMessage extends Message implements AutoCloseable {
  private final Subscriber subscriber;
  private HandedOut handedOut; // null after the message's end

  BorrowedMessage(Subscriber subscriber, Staging staging, long info) {
    this.subscriber = subscriber;
    open(subscriber.windows(), staging.handedOutAddress(), info, staging.handedOutPosition());
    handedOut = subscriber.handOut(staging.handedOutToken());
  }

  /**
   * Hands this message over to another thread: the first thread that uses it from now on owns it,
   * and no other thread can use it. What this thread did to it happens before what that one does.
   *
   * @return this message
   * @throws IllegalStateException if another thread owns it, or it has ended
   */
  public BorrowedMessage handOver() {
    memory().handOver();
    return this;
  }

  /**
   * Takes the message off the queue.
   *
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if the message was
   *     acknowledged or given back before; {@link QueueException.Code#UNIMPLEMENTED} if a queue of
   *     Cloudtoid's version 2, which lends for ten seconds, has taken it back
   * @throws IllegalStateException if it belongs to another thread
   */
  public void acknowledge() {
    memory().checkForEnd(subscriber, "the message was acknowledged or given back before");
    try {
      subscriber.acknowledge(handedOut.token());
    } finally {
      // Also after an error: native code has ended the token.
      end().end(subscriber.staging());
    }
  }

  /**
   * Gives the message back to the queue, for any subscriber, this one included. Does nothing after
   * {@link #acknowledge}.
   *
   * @throws IllegalStateException if it belongs to another thread
   */
  public void giveBack() {
    if (memory().isOpen()) {
      memory().check();
      end().drop(subscriber.staging());
    }
  }

  private HandedOut end() {
    HandedOut ended = handedOut;
    handedOut = null;
    memory().close();
    return ended;
  }

  /** Does what {@link #giveBack} does. */
  @Override
  public void close() {
    giveBack();
  }
}
