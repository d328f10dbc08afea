// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;

/** Hands messages of a subscriber to a handler, in place, one after the other. */
final class Batch {
  private static final class BatchMessage extends Message {}

  private final Subscriber subscriber;
  private final FaceSubscriber face;
  private final int max;
  private final MessageHandler handler;

  Batch(Subscriber subscriber, FaceSubscriber face, int max, MessageHandler handler) {
    this.subscriber = subscriber;
    this.face = face;
    this.max = max;
    this.handler = handler;
  }

  /**
   * Hands over the message that was borrowed and those that wait behind it. Returns how many there
   * were.
   *
   * @param first the result of the borrow
   * @param staging this thread's, in which native code put the numbers of the borrowed message
   */
  int run(long first, Staging staging) {
    BatchMessage message = new BatchMessage();
    long result = first;
    int handled = 0;
    do {
      // Read before the handler runs, which may use the staging.
      long token = staging.handedOutToken();
      handOver(message, staging, token, result);
      ++handled;
      // One call of native code acknowledges this message and borrows the next.
      result =
          handled < max
              ? face.acknowledgeAndTryBorrow(token, staging.handedOut())
              : face.acknowledge(token);
    } while (handled < max && result >= 0);
    Reference.reachabilityFence(staging);
    Reference.reachabilityFence(subscriber);
    // An error, as when the handler closed the subscriber, is told by the next call: the messages
    // that were handled are taken.
    return handled;
  }

  /** Calls the handler with one message, which is given back if the handler throws. */
  private void handOver(BatchMessage message, Staging staging, long token, long result) {
    boolean done = false;
    try {
      if (Results.isTooLarge(result)) {
        throw Results.tooLarge(Results.size(result));
      }
      message.open(
          subscriber.windows(), staging.handedOutAddress(), result, staging.handedOutPosition());
      handler.handle(message);
      done = true;
    } finally {
      message.memory().close();
      if (!done) {
        face.drop(token);
      }
      Reference.reachabilityFence(subscriber);
    }
  }
}
