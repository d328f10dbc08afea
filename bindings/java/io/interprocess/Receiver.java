// SPDX-License-Identifier: MIT

package io.interprocess;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Receives messages as futures. A thread of an executor waits for each future in native code, so
 * use an executor of platform threads, with one thread per future that waits at the same time. A
 * virtual thread would keep its carrier thread.
 *
 * <pre>{@code
 * ExecutorService executor = Executors.newSingleThreadExecutor();
 * try (Subscriber subscriber = Subscriber.open("greetings");
 *     Receiver receiver = new Receiver(subscriber, executor)) {
 *   CompletableFuture<byte[]> message = receiver.receive();
 *   System.out.println(new String(message.get(), StandardCharsets.UTF_8));
 * } finally {
 *   executor.shutdown(); // its threads would keep the program running
 * }
 * }</pre>
 *
 * <p>A message is taken off the queue only when a future has it. A future that is cancelled, or
 * that other code completes, leaves the message in the queue. Closing the subscriber ends what
 * waits with a {@link QueueException} ({@link QueueException.Code#FAILED_PRECONDITION}). The caller
 * owns the subscriber and the executor. Thread-safe.
 */
public final class Receiver implements AutoCloseable {
  private final Subscriber subscriber;
  private final Executor executor;
  private final Set<Task<?>> tasks = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Makes a receiver.
   *
   * @param subscriber gets the messages; not null
   * @param executor runs the waits, and actions that depend on the futures and have no executor of
   *     their own; not null
   */
  public Receiver(Subscriber subscriber, Executor executor) {
    this.subscriber = Objects.requireNonNull(subscriber, "subscriber");
    this.executor = Objects.requireNonNull(executor, "executor");
  }

  /**
   * Receives the next message.
   *
   * @return a future of the message's bytes; never null. Cancelling it ends the wait.
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if this receiver is
   *     closed
   */
  public CompletableFuture<byte[]> receive() {
    return start(
        task -> {
          try (BorrowedMessage message = subscriber.borrow()) {
            if (task.complete(message.toByteArray())) {
              message.acknowledge();
            }
          }
        });
  }

  /**
   * Receives messages, one after the other, until the future is cancelled, the subscriber or this
   * receiver is closed, or the handler throws.
   *
   * @param handler gets each message's bytes, in a thread of the executor. The message is taken off
   *     the queue when it returns, and given back when it throws. Not null.
   * @return a future that completes exceptionally, with the reason of the end; never null.
   *     Cancelling it interrupts the handler's thread.
   * @throws QueueException {@link QueueException.Code#FAILED_PRECONDITION} if this receiver is
   *     closed
   */
  public CompletableFuture<Void> receiveAll(Consumer<? super byte[]> handler) {
    Objects.requireNonNull(handler, "handler");
    return start(
        task -> {
          while (!task.isDone()) {
            try (BorrowedMessage message = subscriber.borrow()) {
              handler.accept(message.toByteArray());
              message.acknowledge();
            }
          }
        });
  }

  /**
   * Cancels the futures that have not completed, which ends their waits. Their messages stay in the
   * queue. Does not wait for handlers that run. Calling it again does nothing.
   */
  @Override
  public void close() {
    closed = true;
    tasks.forEach(task -> task.cancel(true));
  }

  private <T> Task<T> start(Work<T> work) {
    Task<T> task = new Task<>();
    tasks.add(task);
    task.whenComplete((value, error) -> tasks.remove(task));
    // Checked after the task was added: either this sees that the receiver is closed, or close()
    // sees the task.
    if (closed) {
      task.cancel(true);
      throw subscriber.failure(
          QueueException.Code.FAILED_PRECONDITION.number(), "the receiver is closed");
    }
    try {
      executor.execute(() -> task.run(work));
    } catch (RuntimeException e) {
      task.cancel(true);
      throw e;
    }
    return task;
  }

  @FunctionalInterface
  private interface Work<T> {
    void run(Task<T> task) throws InterruptedException;
  }

  /** A future that interrupts the thread that works for it when other code completes it. */
  private static final class Task<T> extends CompletableFuture<T> {
    private Thread thread; // guarded by this, as is the next
    private boolean interrupted;

    Task() {
      whenComplete((value, error) -> interrupt());
    }

    void run(Work<T> work) {
      if (!begin()) {
        return;
      }
      try {
        work.run(this);
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

    /**
     * Clears the interrupt that was meant for this task, so that the executor's thread has none.
     */
    private synchronized void end() {
      thread = null;
      if (interrupted) {
        Thread.interrupted();
      }
    }
  }
}
