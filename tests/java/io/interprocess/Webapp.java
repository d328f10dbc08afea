// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;

/** A program that a container loads in a class loader of its own, and whose threads it outlives. */
final class Webapp {
  /** What a program does with the library in the container's threads. */
  enum Use {
    COPIES {
      @Override
      void run(Webapp app) throws Exception {
        for (int size : new int[] {0, 64, 5000}) {
          app.publisher.enqueue(new byte[size]);
          app.publisher.enqueue(ByteBuffer.allocateDirect(size));
          check(app.subscriber.dequeue().length == size);
          check(app.subscriber.tryDequeue(new byte[size]) == size);
        }
      }
    },
    BATCHES {
      @Override
      void run(Webapp app) throws Exception {
        check(app.publisher.tryEnqueueBatch(List.of(new byte[3], new byte[5])) == 2);
        check(app.subscriber.dequeueBatch(9, Message::toByteArray, SECOND) == 2);
      }
    },
    MESSAGES_IN_PLACE {
      @Override
      void run(Webapp app) throws Exception {
        for (int i = 0; i < 100; ++i) {
          try (Reservation room = app.publisher.reserve(100)) {
            room.commit();
          }
          try (BorrowedMessage message = app.subscriber.borrow()) {
            message.acknowledge();
          }
        }
      }
    },
    FORGOTTEN_MESSAGES {
      @Override
      void run(Webapp app) throws Exception {
        app.publisher.reserve(10);
        app.publisher.enqueue(new byte[10]);
        app.subscriber.borrow();
      }
    },
    FORGOTTEN_ENDPOINTS {
      @Override
      void run(Webapp app) throws Exception {
        Publisher.open(app.options).enqueue(new byte[1]);
        check(Subscriber.open(app.options).dequeue().length == 1);
      }
    },
    WAITS {
      @Override
      void run(Webapp app) throws Exception {
        check(app.subscriber.dequeue(Duration.ofMillis(1)) == null);
        check(app.subscriber.borrow(Duration.ofMillis(1)) == null);
        Thread.currentThread().interrupt();
        try {
          app.subscriber.dequeue();
          throw new AssertionError();
        } catch (InterruptedException e) {
          check(!Thread.interrupted());
        }
      }
    },
    SHARED_BY_THREADS {
      @Override
      void run(Webapp app) throws Exception {
        var other = app.threads.submit(() -> app.subscriber.dequeue());
        app.publisher.enqueue(new byte[7]);
        check(other.get().length == 7);
      }
    },
    WAIT_ANY {
      @Override
      void run(Webapp app) throws Exception {
        WaitAny any = new WaitAny(List.of(app.subscriber));
        check(any.dequeueBatch(1, (subscriber, message) -> {}, Duration.ofMillis(1)) == 0);
      }
    },
    RECEIVER {
      @Override
      void run(Webapp app) throws Exception {
        try (Receiver receiver = new Receiver(app.subscriber, app.threads)) {
          var message = receiver.receive();
          app.publisher.enqueue(new byte[7]);
          check(message.get().length == 7);
          receiver.receive();
        }
      }
    },
    FAILURES {
      @Override
      void run(Webapp app) throws Exception {
        try {
          app.publisher.tryEnqueue(new byte[1 << 20]);
          throw new AssertionError();
        } catch (QueueException e) {
          check(e.code() == QueueException.Code.INVALID_ARGUMENT);
        }
      }
    },
    INSPECTION {
      @Override
      void run(Webapp app) {
        try (QueueInspector inspector = QueueInspector.open(app.options)) {
          check(inspector.check().isEmpty());
          check(QueueRegistry.list(app.options.directory()).size() == 1);
        }
        QueueInspector.open(app.options);
      }
    };

    abstract void run(Webapp app) throws Exception;
  }

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final QueueOptions options;
  private final ExecutorService threads;
  private final Publisher publisher;
  private final Subscriber subscriber;

  private Webapp(Path directory, ExecutorService threads) {
    options = QueueOptions.builder("webapp").directory(directory).capacity(1 << 16).build();
    this.threads = threads;
    publisher = Publisher.open(options);
    subscriber = Subscriber.open(options);
  }

  private static void check(boolean condition) {
    if (!condition) {
      throw new AssertionError();
    }
  }

  /**
   * Runs a use in this thread and in one of the container's.
   *
   * @param use the name of a Use
   */
  static void run(String use, Path directory, ExecutorService threads) throws Exception {
    Webapp app = new Webapp(directory, threads);
    try {
      Use.valueOf(use).run(app);
      threads
          .submit(
              () -> {
                Use.valueOf(use).run(app);
                return null;
              })
          .get();
    } finally {
      app.publisher.close();
      app.subscriber.close();
    }
  }
}
