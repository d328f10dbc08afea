// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads that open, use, share, close, forget and interrupt, while the collector runs. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class StressTest {
  private static final int ROUNDS = 400;

  @TempDir Path directory;
  private final AtomicLong put = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();
  private volatile Publisher publisher;
  private volatile Subscriber subscriber;

  private QueueOptions options() {
    return QueueOptions.builder("queue").directory(directory).capacity(4096).build();
  }

  /** One call of either endpoint, at random. What is closed meanwhile is opened anew. */
  private void act(Random random) {
    try {
      switch (random.nextInt(10)) {
        case 0:
          publisher.close();
          publisher = Publisher.open(options());
          break;
        case 1:
          publisher = Publisher.open(options()); // forgets the other
          break;
        case 2:
          subscriber.close();
          subscriber = Subscriber.open(options());
          break;
        case 3:
          if (publisher.enqueue(new byte[random.nextInt(900)], Duration.ofMillis(1))) {
            put.incrementAndGet();
          }
          break;
        case 4:
          if (publisher.tryEnqueue(ByteBuffer.allocateDirect(random.nextInt(99)))) {
            put.incrementAndGet();
          }
          break;
        case 5:
          Reservation room = publisher.reserve(random.nextInt(900), Duration.ofMillis(1));
          if (room != null && random.nextBoolean()) {
            room.commit(); // or forgets it
            put.incrementAndGet();
          }
          break;
        case 6:
          if (subscriber.dequeue(Duration.ofMillis(1)) != null) {
            taken.incrementAndGet();
          }
          break;
        case 7:
          if (subscriber.tryDequeue(new byte[900]) >= 0) {
            taken.incrementAndGet();
          }
          break;
        case 8:
          BorrowedMessage message = subscriber.borrow(Duration.ofMillis(1));
          if (message != null && random.nextBoolean()) {
            message.acknowledge(); // or forgets it
            taken.incrementAndGet();
          }
          break;
        default:
          taken.addAndGet(
              subscriber.dequeueBatch(5, each -> each.toByteArray(), Duration.ofMillis(1)));
      }
    } catch (InterruptedException e) {
      // As it should be: nothing was put or taken.
    } catch (QueueException e) {
      if (e.code() != QueueException.Code.FAILED_PRECONDITION) {
        throw e;
      }
    }
  }

  @Test
  void nothingIsLostWhileEndpointsComeAndGo() throws Exception {
    publisher = Publisher.open(options());
    subscriber = Subscriber.open(options());
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    List<Thread> workers = new ArrayList<>();
    for (int w = 0; w < 4; ++w) {
      Random random = new Random(w);
      Thread worker =
          new Thread(
              () -> {
                for (int i = 0; i < ROUNDS; ++i) {
                  act(random);
                }
              });
      worker.setUncaughtExceptionHandler((thread, e) -> failures.add(e));
      workers.add(worker);
    }
    AtomicBoolean done = new AtomicBoolean();
    Thread chaos =
        new Thread(
            () -> {
              Random random = new Random(99);
              while (!done.get()) {
                workers.get(random.nextInt(workers.size())).interrupt();
                if (random.nextInt(50) == 0) {
                  System.gc();
                }
                Thread.yield();
              }
            });
    workers.forEach(Thread::start);
    chaos.start();
    for (Thread worker : workers) {
      worker.join();
    }
    done.set(true);
    chaos.join();
    if (!failures.isEmpty()) {
      throw new AssertionError(failures.size() + " failures", failures.peek());
    }
    // What was forgotten comes back when it is collected.
    publisher.close();
    subscriber.close();
    try (Subscriber last = Subscriber.open(options())) {
      while (taken.get() < put.get()) {
        System.gc();
        if (last.dequeue(Duration.ofMillis(50)) != null) {
          taken.incrementAndGet();
        }
      }
      assertNull(last.tryDequeue());
    }
    assertEquals(put.get(), taken.get());
  }

  /**
   * In Cloudtoid's formats a reservation holds no room, so of publishers that wait for it, one
   * finds it taken when it commits.
   */
  @Test
  void publishersThatWaitForTheSameRoomLoseNothing() throws Exception {
    int publishers = 3;
    int messages = 30_000;
    QueueOptions options =
        QueueOptions.builder("stress-java-" + ProcessHandle.current().pid())
            .directory(directory)
            .capacity(4096)
            .protocol(Protocol.CLOUDTOID_V2)
            .build();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    try (Subscriber taker = Subscriber.open(options)) {
      for (int p = 0; p < publishers; ++p) {
        byte number = (byte) p;
        Thread thread =
            new Thread(
                () -> {
                  try (Publisher own = Publisher.open(options)) {
                    for (int i = 0; i < messages; ++i) {
                      own.enqueue(ByteBuffer.allocate(5 + i % 100).put(number).putInt(i).array());
                    }
                  } catch (InterruptedException e) {
                    throw new AssertionError(e);
                  }
                });
        thread.setUncaughtExceptionHandler((t, e) -> failures.add(e));
        thread.start();
      }
      int[] next = new int[publishers];
      for (int i = 0; i < publishers * messages && failures.isEmpty(); ++i) {
        ByteBuffer message = ByteBuffer.wrap(taker.dequeue(Duration.ofMinutes(2)));
        int publisher = message.get();
        assertEquals(next[publisher]++, message.getInt());
      }
    }
    assertTrue(failures.isEmpty(), failures::toString);
  }
}
