package io.interprocess;

import java.lang.ref.Reference;

/** Hands the messages of a subscriber to a handler, in place, one after the other. */
final class Drain {
  private static final class Drained extends Message {}

  private final Subscriber subscriber;
  private final FaceSubscriber face;
  private final MessageHandler handler;
  private final int max;

  Drain(Subscriber subscriber, FaceSubscriber face, MessageHandler handler, int max) {
    this.subscriber = subscriber;
    this.face = face;
    this.handler = handler;
    this.max = max;
  }

  /**
   * Hands out the message that was borrowed, whose place is in this thread's staging, and those that
   * are there behind it. How many there were.
   *
   * @param first the result of the borrow
   */
  int run(long first) {
    Staging staging = subscriber.staging();
    Drained message = new Drained();
    long result = first;
    int handled = 0;
    while (true) {
      long token = staging.lentToken(); // now, for the handler may use the staging
      hand(message, staging.lentAddress(), token, result);
      ++handled;
      // One call of native code for both.
      result =
          handled < max
              ? face.acknowledgeAndTryBorrow(token, staging.place())
              : face.acknowledge(token);
      if (handled == max || result < 0) {
        // An error, as when the handler closed the subscriber, is for the next call: what was handled
        // is taken.
        Reference.reachabilityFence(subscriber);
        return handled;
      }
    }
  }

  /** Lets the handler have one. If it throws, the message is given back. */
  private void hand(Drained message, long address, long token, long result) {
    boolean done = false;
    try {
      if (Results.isTooLarge(result)) {
        throw Results.tooLarge(result);
      }
      message.open(subscriber.windows(), address, result);
      handler.handle(message);
      done = true;
    } finally {
      message.place().close();
      if (!done) {
        face.drop(token);
      }
      Reference.reachabilityFence(subscriber);
    }
  }
}
