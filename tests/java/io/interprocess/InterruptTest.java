// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Interrupts that come when a call has its message already, or when it is over. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class InterruptTest {
  private static final long LONG = TimeUnit.MINUTES.toNanos(1);

  @TempDir Path directory;
  private Publisher publisher;
  private Subscriber subscriber;

  /** Of another subscriber, as the public one has them. */
  private FaceSubscriber face;

  private final Waits waits = new Waits();

  @BeforeEach
  void open() {
    QueueOptions options =
        QueueOptions.builder("queue").directory(directory).capacity(4096).build();
    publisher = Publisher.open(options);
    subscriber = Subscriber.open(options);
    FaceOptions to = options.toNative();
    face = QueueException.orThrow(error -> FaceSubscriber.open(to, error));
    to.delete();
  }

  @AfterEach
  void close() {
    publisher.close();
    subscriber.close();
    face.close();
    face.delete();
    waits.delete();
  }

  private long borrow(long timeout) throws InterruptedException {
    Staging staging = Staging.ofThread(null);
    long handedOut = staging.handedOut();
    long result = waits.run(timeout, (left, interrupt) -> face.borrow(handedOut, left, interrupt));
    Reference.reachabilityFence(staging);
    return result;
  }

  @Test
  void interruptOfACallThatIsDoneStaysTheThreads() throws Exception {
    long result =
        waits.run(
            Waits.FOREVER,
            (left, interrupt) -> {
              Thread.currentThread().interrupt();
              return 7;
            });
    assertEquals(7, result);
    assertTrue(Thread.interrupted());
    // What native code was told then is no more.
    assertEquals(Results.DEADLINE_EXCEEDED, Results.code(borrow(1_000_000)));
    assertTrue(publisher.tryEnqueue(new byte[3]));
    assertEquals(3, Results.size(borrow(LONG)));
  }

  @Test
  void waitThatNobodyInterruptedGoesOn() throws Exception {
    int[] calls = new int[1];
    long result =
        waits.run(
            LONG,
            (left, interrupt) -> {
              assertTrue(left > 0 && left <= LONG);
              return ++calls[0] == 1 ? -Results.CANCELLED : 7;
            });
    assertEquals(7, result);
    assertEquals(2, calls[0]);
    assertEquals(7, waits.run(Waits.FOREVER, (left, interrupt) -> left == Waits.FOREVER ? 7 : 0));
  }

  /** As a JVM of 22 or later may. */
  @Test
  void interruptThatIsReportedAfterItsCallIsNotTheNextOnes() {
    int[] raised = new int[1];
    int[] cleared = new int[1];
    Interruption interruption =
        new Interruption() {
          @Override
          void raise() {
            ++raised[0];
          }

          @Override
          void clear() {
            ++cleared[0];
          }
        };
    interruption.enter();
    interruption.leave();
    interruption.wakeup();
    assertEquals(0, raised[0]);
    interruption.enter();
    assertEquals(0, cleared[0]);
    interruption.wakeup();
    assertEquals(1, raised[0]);
    interruption.leave();
    interruption.enter();
    assertEquals(1, cleared[0]);
    interruption.leave();
  }

  @Test
  void eachInterruptIsSeenOnceAndNoMessageIsLost() throws Exception {
    int rounds = 3000;
    AtomicInteger seen = new AtomicInteger();
    AtomicInteger received = new AtomicInteger();
    Thread receiver =
        new Thread(
            () -> {
              while (seen.get() < rounds) {
                try {
                  if (subscriber.dequeue(Duration.ofMillis(1)) != null) {
                    received.incrementAndGet();
                  }
                  if (Thread.interrupted()) {
                    seen.incrementAndGet();
                  }
                } catch (InterruptedException e) {
                  assertFalse(Thread.currentThread().isInterrupted());
                  seen.incrementAndGet();
                }
              }
            });
    receiver.setDaemon(true);
    receiver.start();
    int sent = 0;
    for (int round = 1; round <= rounds; ++round) {
      assertTrue(publisher.enqueue(new byte[round % 60], Duration.ofMinutes(1)));
      ++sent;
      receiver.interrupt();
      while (seen.get() < round) {
        assertTrue(receiver.isAlive());
        assertFalse(Thread.interrupted(), "an interrupt was lost"); // by this test's time
        Thread.onSpinWait();
      }
      assertEquals(round, seen.get());
    }
    receiver.join();
    for (byte[] rest = subscriber.tryDequeue(); rest != null; rest = subscriber.tryDequeue()) {
      received.incrementAndGet();
    }
    assertEquals(sent, received.get());
    assertNull(subscriber.tryDequeue());
    assertThrows(
        InterruptedException.class,
        () -> {
          Thread.currentThread().interrupt();
          subscriber.dequeue();
        });
  }
}
