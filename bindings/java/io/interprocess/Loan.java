package io.interprocess;

import java.lang.ref.Reference;

/**
 * What an endpoint lent out with a message in place, by its token: ended when the message is
 * forgotten. An open message alone holds it, so that the cleaner comes when there is none any more.
 * The cleaner is told of it once, and the messages of a thread that follow each other use the same
 * one: to tell it of each, and to call that off, takes longer than all else that is done for one.
 */
final class Loan {
  /** Where what was lent goes back to. */
  interface Lender {
    /** Aborts the reservation, or gives the message back. By any thread. */
    void drop(long token);
  }

  /** What is done when nobody holds the loan. Changed by those who do. */
  private static final class Forgotten implements Runnable {
    private Lender lender; // null if nothing is lent
    private long token;

    @Override
    public void run() {
      if (lender != null) {
        lender.drop(token);
      }
    }
  }

  private final Forgotten forgotten = new Forgotten();
  /** The next that is of no use now, in a list of those. */
  Loan next;

  private Loan() {
    NativeLibrary.CLEANER.register(this, forgotten);
  }

  /** A loan that an endpoint makes in this thread, of the one that uses its staging. */
  static Loan of(Lender lender, long token, Staging staging) {
    Loan loan = staging.takeSpareLoan();
    if (loan == null) {
      loan = new Loan();
    }
    loan.set(lender, token);
    return loan;
  }

  long token() {
    return forgotten.token;
  }

  /** Native code has ended it. Nobody holds it any more but the thread of that staging. */
  void end(Staging staging) {
    set(null, 0);
    staging.keepSpareLoan(this);
  }

  /** The same, where it is to be ended. */
  void drop(Staging staging) {
    forgotten.lender.drop(forgotten.token);
    end(staging);
  }

  private void set(Lender lender, long token) {
    forgotten.lender = lender;
    forgotten.token = token;
    // The cleaner sees it.
    Reference.reachabilityFence(this);
  }
}
