// SPDX-License-Identifier: MIT

package io.interprocess;

import java.lang.ref.Reference;

/**
 * What an endpoint handed out with a message in place, by its token. The open message alone holds
 * this object, so a message that the program forgets is found by the cleaner, which aborts the
 * reservation or gives the message back.
 *
 * <p>Each object is registered with the cleaner once, and reused by the later messages of its
 * thread: one registration per message would cost more than the rest of the message.
 */
final class HandedOut {
  /** The owner of the token. */
  interface Origin {
    /** Aborts the reservation, or gives the message back. Called by any thread. */
    void drop(long token);
  }

  /** What the cleaner does. Changed only by the thread that holds the HandedOut. */
  private static final class Forgotten implements Runnable {
    private Origin origin; // null while nothing is handed out
    private long token;

    @Override
    public void run() {
      if (origin != null) {
        origin.drop(token);
      }
    }
  }

  /** The next in the list of unused ones. */
  HandedOut next;

  private final Forgotten forgotten = new Forgotten();

  private HandedOut() {
    NativeLibrary.CLEANER.register(this, forgotten);
  }

  /** Returns one for a token, by this thread, whose staging is given. */
  static HandedOut of(Origin origin, long token, Staging staging) {
    HandedOut handedOut = staging.takeSpare();
    if (handedOut == null) {
      handedOut = new HandedOut();
    }
    handedOut.set(origin, token);
    return handedOut;
  }

  long token() {
    return forgotten.token;
  }

  /** Native code has ended the token. The caller holds this no more. */
  void end(Staging staging) {
    set(null, 0);
    staging.keepSpare(this);
  }

  /** Ends the token. The caller holds this no more. */
  void drop(Staging staging) {
    forgotten.origin.drop(forgotten.token);
    end(staging);
  }

  private void set(Origin origin, long token) {
    forgotten.origin = origin;
    forgotten.token = token;
    // What is written before the fence is seen by the cleaner, which runs after this is
    // unreachable.
    Reference.reachabilityFence(this);
  }
}
