package io.interprocess;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Receives messages as futures: a thread of an executor waits for each, and no other. Waiting blocks
 * that thread in native code, so the executor should have platform threads (one for each future that
 * waits at a time); a virtual thread would keep its carrier.
 *
 * <pre>{@code
 * Receiver receiver = new Receiver(subscriber, Executors.newSingleThreadExecutor());
 * receiver.receive().thenAccept(message -> show(message));
 * }</pre>
 *
 * <p>A message is taken off the queue only when a future has it: one that is cancelled, or completed
 * by somebody else, leaves the message in the queue. Thread-safe. Closing the subscriber ends what
 * waits with a {@link QueueException} ({@link QueueException.Code#FAILED_PRECONDITION}); it belongs
 * to the caller, as the executor does.
 */
public final class Receiver {
  private final Subscriber subscriber;
  private final Executor executor;

  /**
   * Makes a receiver.
   *
   * @param subscriber where the messages come from; not null
   * @param executor runs what waits, and what depends on the futures without an executor of its own;
   *     not null
   */
  public Receiver(Subscriber subscriber, Executor executor) {
    this.subscriber = Objects.requireNonNull(subscriber, "subscriber");
    this.executor = Objects.requireNonNull(executor, "executor");
  }

  /**
   * Receives the next message.
   *
   * @return its bytes, some time; never null. Cancelling it ends the wait.
   */
  public CompletableFuture<byte[]> receive() {
    Task<byte[]> task = new Task<>();
    executor.execute(
        () ->
            task.run(
                () -> {
                  try (BorrowedMessage message = subscriber.borrow()) {
                    if (task.complete(message.toByteArray())) {
                      message.acknowledge();
                    }
                  }
                }));
    return task;
  }

  /**
   * Receives messages, one after the other, until the future is cancelled, the subscriber is closed
   * or the handler throws.
   *
   * @param handler gets each message's bytes, in the executor's thread; the message is taken off the
   *     queue when it returns, and given back when it throws. Not null.
   * @return completes only with what ended it. Cancelling it interrupts the handler's thread.
   */
  public CompletableFuture<Void> receiveAll(Consumer<? super byte[]> handler) {
    Objects.requireNonNull(handler, "handler");
    Task<Void> task = new Task<>();
    executor.execute(
        () ->
            task.run(
                () -> {
                  while (!task.isDone()) {
                    try (BorrowedMessage message = subscriber.borrow()) {
                      handler.accept(message.toByteArray());
                      message.acknowledge();
                    }
                  }
                }));
    return task;
  }

  @FunctionalInterface
  private interface Wait {
    void run() throws InterruptedException;
  }

  /** A future whose completion by others interrupts the thread that works for it. */
  private static final class Task<T> extends CompletableFuture<T> {
    private Thread thread; // guarded by this, as is the next
    private boolean interrupted;

    Task() {
      whenComplete((value, error) -> interrupt());
    }

    void run(Wait wait) {
      if (!begin()) {
        return;
      }
      try {
        wait.run();
      } catch (Throwable e) {
        completeExceptionally(e);
      } finally {
        end();
      }
    }

    private synchronized boolean begin() {
      if (isDone()) {
        return false;
      }
      thread = Thread.currentThread();
      return true;
    }

    private synchronized void interrupt() {
      if (thread != null && thread != Thread.currentThread()) {
        interrupted = true;
        thread.interrupt();
      }
    }

    /** Leaves the executor's thread as it was. */
    private synchronized void end() {
      thread = null;
      if (interrupted) {
        Thread.interrupted();
      }
    }
  }
}
