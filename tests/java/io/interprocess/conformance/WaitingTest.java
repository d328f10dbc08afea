// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static io.interprocess.QueueException.Code.FAILED_PRECONDITION;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.interprocess.BorrowedMessage;
import io.interprocess.Publisher;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WaitingTest extends ConformanceTest {
  private static final Duration LONG = Duration.ofMinutes(5);

  @TempDir Path otherDirectory;
  private Publisher publisher;
  private Subscriber subscriber;

  /** Whether it did what it waited for. */
  @FunctionalInterface
  private interface Wait {
    boolean run(Duration timeout) throws InterruptedException;
  }

  private static final class Call {
    final String name;
    final boolean publishes;
    final Wait wait;

    Call(String name, boolean publishes, Wait wait) {
      this.name = name;
      this.publishes = publishes;
      this.wait = wait;
    }
  }

  @BeforeEach
  void open() {
    publisher = openPublisher();
    subscriber = closing(Subscriber.open(optionsIn(otherDirectory).build()));
    assertTrue(publisher.tryEnqueue(text(LARGEST)));
  }

  /**
   * Every call that waits, on a queue that gives it reason to: full for the publisher, and without
   * a message for the subscriber, which is of another queue.
   */
  private List<Call> calls() {
    byte[] array = new byte[100];
    return List.of(
        new Call("enqueue", true, timeout -> publisher.enqueue(text(49), timeout)),
        new Call("enqueue of a slice", true, timeout -> publisher.enqueue(array, 9, 49, timeout)),
        new Call(
            "enqueue of a heap buffer",
            true,
            timeout -> publisher.enqueue(ByteBuffer.allocate(49), timeout)),
        new Call(
            "enqueue of a direct buffer",
            true,
            timeout -> publisher.enqueue(ByteBuffer.allocateDirect(49), timeout)),
        new Call(
            "reserve",
            true,
            timeout -> {
              try (Reservation room = publisher.reserve(49, timeout)) {
                return room != null;
              }
            }),
        new Call(
            "enqueueBatch",
            true,
            timeout -> publisher.enqueueBatch(List.of(text(49), text(50)), timeout) > 0),
        new Call("dequeue", false, timeout -> subscriber.dequeue(timeout) != null),
        new Call("dequeue to an array", false, timeout -> subscriber.dequeue(array, timeout) >= 0),
        new Call(
            "dequeue to a large array",
            false,
            timeout -> subscriber.dequeue(new byte[9000], timeout) >= 0),
        new Call(
            "dequeue to a heap buffer",
            false,
            timeout -> subscriber.dequeue(ByteBuffer.allocate(100), timeout) >= 0),
        new Call(
            "dequeue to a direct buffer",
            false,
            timeout -> subscriber.dequeue(ByteBuffer.allocateDirect(100), timeout) >= 0),
        new Call(
            "dequeueBatch",
            false,
            timeout -> subscriber.dequeueBatch(3, message -> {}, timeout) > 0),
        new Call(
            "borrow",
            false,
            timeout -> {
              try (BorrowedMessage message = subscriber.borrow(timeout)) {
                if (message != null) {
                  message.acknowledge();
                }
                return message != null;
              }
            }));
  }

  private void awaitWaitIn(Call call, Background thread) {
    awaitWait(thread.osThread(), call.publishes ? directory : otherDirectory);
  }

  private Publisher openOtherPublisher() {
    return closing(Publisher.open(optionsIn(otherDirectory).build()));
  }

  @Test
  void C036_DequeueWaitsForAMessage() throws Exception {
    OsThread self = OsThread.current();
    for (Duration spin : List.of(Duration.ZERO, Duration.ofNanos(20_000))) {
      Background other =
          new Background(
              () -> {
                awaitWait(self, otherDirectory);
                assertTrue(openOtherPublisher().tryEnqueue(bytes("late")));
              });
      subscriber.setSpin(spin);
      assertEquals("late", string(subscriber.dequeue()));
      other.join();
    }
  }

  @Test
  void C037_EnqueueWaitsForRoom() throws Exception {
    OsThread self = OsThread.current();
    for (Duration spin : List.of(Duration.ZERO, Duration.ofNanos(20_000))) {
      Background other =
          new Background(
              () -> {
                awaitWait(self, directory);
                assertArrayEquals(text(LARGEST), openSubscriber().tryDequeue());
              });
      publisher.setSpin(spin);
      publisher.enqueue(text(LARGEST));
      other.join();
    }
  }

  @Test
  void C038_DeadlineEndsAWait() throws Exception {
    for (Call call : calls()) {
      long start = System.nanoTime();
      assertFalse(call.wait.run(Duration.ofMillis(3)), call.name);
      assertTrue(System.nanoTime() - start >= 3_000_000, call.name);
    }
    assertArrayEquals(text(LARGEST), openSubscriber().tryDequeue());
    assertNull(openSubscriber().tryDequeue());
  }

  @Test
  void C039_PastDeadlineStillTriesOnce() throws Exception {
    for (Call call : calls()) {
      assertFalse(call.wait.run(Duration.ofSeconds(-1)), call.name);
      assertFalse(call.wait.run(Duration.ZERO), call.name);
    }
    assertNotNull(openSubscriber().tryDequeue());
    Publisher other = openOtherPublisher();
    for (Call call : calls()) {
      assertTrue(other.tryEnqueue(bytes("there")));
      assertTrue(call.wait.run(Duration.ofSeconds(-1)), call.name);
      while (subscriber.tryDequeue() != null) {}
    }
  }

  @Test
  void C040_StopBeforeTheCallDoesNothing() {
    assertNotNull(openSubscriber().tryDequeue());
    assertTrue(openOtherPublisher().tryEnqueue(bytes("there")));
    for (Call call : calls()) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> call.wait.run(LONG), call.name);
      assertFalse(Thread.interrupted(), call.name);
    }
    assertEquals("there", string(subscriber.tryDequeue()));
    assertNull(openSubscriber().tryDequeue());
  }

  @Test
  void C041_StopEndsAWait() {
    for (Call call : calls()) {
      Background thread =
          new Background(
              () -> {
                assertThrows(InterruptedException.class, () -> call.wait.run(LONG), call.name);
                assertFalse(Thread.currentThread().isInterrupted(), call.name);
              });
      awaitWaitIn(call, thread);
      thread.thread().interrupt();
      thread.join();
    }
  }

  @Test
  void C042_CloseEndsAWait() {
    openPublisher(); // stays
    for (int i = 0; i < calls().size(); ++i) {
      publisher = openPublisher();
      subscriber = closing(Subscriber.open(optionsIn(otherDirectory).build()));
      Call call = calls().get(i);
      Background thread =
          new Background(() -> assertCode(FAILED_PRECONDITION, () -> call.wait.run(LONG)));
      awaitWaitIn(call, thread);
      publisher.close();
      subscriber.close();
      thread.join();
    }
  }

  @Test
  void C043_ReserveBorrowAndBatchWaitToo() {
    for (Call call : calls()) {
      if (!List.of("reserve", "enqueueBatch", "dequeueBatch", "borrow").contains(call.name)) {
        continue;
      }
      Background thread = new Background(() -> assertTrue(call.wait.run(LONG), call.name));
      awaitWaitIn(call, thread);
      openSubscriber().tryDequeue();
      assertTrue(openOtherPublisher().tryEnqueue(bytes("late")));
      thread.join();
      while (subscriber.tryDequeue() != null) {}
      // Full again, for the next that publishes.
      Subscriber own = openSubscriber();
      while (own.tryDequeue() != null) {}
      assertTrue(publisher.tryEnqueue(text(LARGEST)));
    }
  }
}
