package io.interprocess;

/**
 * A message that is lent to one subscriber: nobody else gets it, and it is not gone. Acknowledge it
 * when it has been dealt with. Closing it without gives it back: it is delivered again, later than
 * the messages behind it. If the process dies, it is delivered to another subscriber, marked
 * redelivered. Several may be open at a time, and acknowledged in any order; their room in the queue
 * is free only then.
 *
 * <p>It belongs to the thread that got it, as {@link Message} says. It stays readable, and can be
 * acknowledged, when its subscriber was closed. One that is forgotten is given back when it has been
 * garbage-collected.
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
  private Loan loan; // null when it has ended

  BorrowedMessage(Subscriber subscriber, long address, long token, long info) {
    this.subscriber = subscriber;
    open(subscriber.windows(), address, info);
    loan = subscriber.lend(token);
  }

  /**
   * Takes the message off the queue.
   *
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if it was acknowledged or
   *     given back before; {@link QueueException.Code#UNIMPLEMENTED} if a queue of Cloudtoid's version
   *     2, which lends for ten seconds, has taken it back
   * @throws IllegalStateException in another thread than that which got it
   */
  public void acknowledge() {
    place().checkForEnd("the message was acknowledged or given back before");
    try {
      subscriber.acknowledge(loan.token());
    } finally {
      // It is nobody's here in any case.
      end().end(subscriber.staging());
    }
  }

  /**
   * Puts it back for any subscriber, this one included. Does nothing after {@link #acknowledge}.
   *
   * @throws IllegalStateException in another thread than that which got it
   */
  public void giveBack() {
    if (place().isOpen()) {
      place().check();
      end().drop(subscriber.staging());
    }
  }

  private Loan end() {
    Loan ended = loan;
    loan = null;
    place().close();
    return ended;
  }

  /** As {@link #giveBack}. */
  @Override
  public void close() {
    giveBack();
  }
}
