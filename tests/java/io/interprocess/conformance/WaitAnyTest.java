// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static io.interprocess.QueueException.Code.FAILED_PRECONDITION;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.interprocess.Publisher;
import io.interprocess.QueueOptions;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import io.interprocess.WaitAny;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** One thread that waits for several queues: no numbered case, for not every language has it. */
class WaitAnyTest extends ConformanceTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

  private final List<QueueOptions> queues = new ArrayList<>();
  private final List<Subscriber> subscribers = new ArrayList<>();

  private WaitAny over(int count) {
    for (int i = subscribers.size(); i < count; ++i) {
      queues.add(options("any-" + ProcessHandle.current().pid() + "-" + i));
      subscribers.add(closing(Subscriber.open(queues.get(i))));
    }
    return new WaitAny(subscribers);
  }

  private QueueOptions options(String name) {
    return QueueOptions.builder(name)
        .directory(directory)
        .capacity(CAPACITY)
        .protocol(PROTOCOL)
        .build();
  }

  private Publisher publisherOf(int queue) {
    return closing(Publisher.open(queues.get(queue)));
  }

  /** Takes one message: the number of its queue, and its text. Null if there is none. */
  private String takeOne(WaitAny any, Duration timeout) throws InterruptedException {
    String[] got = new String[1];
    int count =
        any.dequeueBatch(
            1,
            (subscriber, message) -> {
              assertNull(got[0]);
              got[0] = subscribers.indexOf(subscriber) + string(message.toByteArray());
            },
            timeout);
    assertEquals(got[0] == null ? 0 : 1, count);
    return got[0];
  }

  @Test
  void messageOfAnyOfAHundredQueuesEndsTheSleep() throws Exception {
    WaitAny any = over(100);
    OsThread self = OsThread.current();
    for (int queue : new int[] {0, 99, 50, 1}) {
      Publisher publisher = publisherOf(queue);
      Background other =
          new Background(
              () -> {
                eventually(self::sleeps);
                assertTrue(publisher.tryEnqueue(bytes(":late")));
              });
      assertEquals(queue + ":late", takeOne(any, FOREVER));
      other.join();
    }
    assertNull(takeOne(any, Duration.ZERO));
  }

  @Test
  void whatIsThereNeedsNoWaitAndQueuesTakeTurns() throws Exception {
    WaitAny any = over(3);
    for (int i = 0; i < 3; ++i) {
      Publisher publisher = publisherOf(i);
      for (int j = 0; j < 4; ++j) {
        assertTrue(publisher.tryEnqueue(bytes(":" + j)));
      }
    }
    List<String> got = new ArrayList<>();
    for (int i = 0; i < 6; ++i) {
      got.add(takeOne(any, Duration.ofSeconds(-1)));
    }
    assertEquals(List.of("0:0", "1:0", "2:0", "0:1", "1:1", "2:1"), got);
    AtomicInteger handled = new AtomicInteger();
    assertEquals(4, any.dequeueBatch(4, (subscriber, message) -> handled.incrementAndGet(), LONG));
    assertEquals(
        2, any.dequeueBatch(100, (subscriber, message) -> handled.incrementAndGet(), LONG));
    assertEquals(6, handled.get());
    assertEquals(0, any.dequeueBatch(0, (subscriber, message) -> handled.incrementAndGet(), LONG));
  }

  @Test
  void timeEndsTheWait() throws Exception {
    WaitAny any = over(3);
    for (Duration timeout : List.of(Duration.ofSeconds(-1), Duration.ZERO, Duration.ofMillis(3))) {
      long start = System.nanoTime();
      assertNull(takeOne(any, timeout));
      assertTrue(System.nanoTime() - start >= timeout.toNanos());
    }
  }

  @Test
  void interruptBeforeTheCallTakesNothing() throws Exception {
    WaitAny any = over(2);
    assertTrue(publisherOf(1).tryEnqueue(bytes(":x")));
    for (Duration timeout : List.of(Duration.ZERO, LONG)) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> takeOne(any, timeout));
      assertFalse(Thread.interrupted());
    }
    assertEquals("1:x", takeOne(any, LONG));
  }

  @Test
  void interruptEndsTheSleepOfThisThreadAlone() {
    WaitAny any = over(2);
    for (int i = 0; i < 20; ++i) {
      Background sleeper =
          new Background(
              () -> assertThrows(InterruptedException.class, () -> takeOne(any, FOREVER)));
      OsThread sleeping = sleeper.osThread();
      eventually(sleeping::sleeps);
      Background inLine =
          new Background(
              () -> assertThrows(InterruptedException.class, () -> takeOne(any, FOREVER)));
      eventually(() -> inLine.thread().getState() == Thread.State.WAITING);
      inLine.thread().interrupt();
      inLine.join();
      assertTrue(sleeper.thread().isAlive());
      sleeper.thread().interrupt();
      sleeper.join();
    }
  }

  @Test
  void closeOfOneEndsTheSleep() throws Exception {
    for (int closed : new int[] {0, 2}) {
      WaitAny any = over(3);
      Background sleeper =
          new Background(() -> assertCode(FAILED_PRECONDITION, () -> takeOne(any, FOREVER)));
      OsThread sleeping = sleeper.osThread();
      eventually(sleeping::sleeps);
      subscribers.get(closed).close();
      sleeper.join();
      assertCode(FAILED_PRECONDITION, () -> takeOne(any, LONG));
      assertCode(FAILED_PRECONDITION, () -> takeOne(any, Duration.ZERO));
      subscribers.set(closed, closing(Subscriber.open(queues.get(closed))));
    }
    // The others are as they were.
    assertTrue(publisherOf(1).tryEnqueue(bytes(":x")));
    assertEquals("1:x", takeOne(over(3), LONG));
  }

  /** Nobody may look at the memory of a queue that is closed at that moment. */
  @Test
  void closingAtAnyMomentIsSafe() throws Exception {
    Random random = new Random(1);
    over(4);
    for (int round = 0; round < 300; ++round) {
      WaitAny any = new WaitAny(subscribers);
      List<Background> sleepers = new ArrayList<>();
      for (int i = 0; i < 2; ++i) {
        sleepers.add(
            new Background(() -> assertCode(FAILED_PRECONDITION, () -> takeOne(any, FOREVER))));
      }
      for (int spin = random.nextInt(100_000); spin > 0; --spin) {
        Thread.onSpinWait();
      }
      int closed = random.nextInt(4);
      subscribers.get(closed).close();
      sleepers.forEach(Background::join);
      subscribers.set(closed, Subscriber.open(queues.get(closed)));
    }
    subscribers.forEach(this::closing);
  }

  @Test
  void threadsShareOne() throws Exception {
    int messages = 3000;
    WaitAny any = over(3);
    AtomicInteger left = new AtomicInteger(messages);
    List<Background> takers = new ArrayList<>();
    for (int i = 0; i < 3; ++i) {
      takers.add(
          new Background(
              () -> {
                while (left.get() > 0) {
                  left.addAndGet(-any.dequeueBatch(10, (s, message) -> {}, Duration.ofMillis(5)));
                }
              }));
    }
    List<Publisher> publishers = List.of(publisherOf(0), publisherOf(1), publisherOf(2));
    for (int i = 0; i < messages; ++i) {
      publishers.get(i % 3).enqueue(text(i % 50, i));
    }
    takers.forEach(Background::join);
    assertEquals(0, left.get());
    assertNull(takeOne(any, Duration.ZERO));
  }

  @Test
  void handlerThatThrowsKeepsItsMessage() throws Exception {
    WaitAny any = over(2);
    assertTrue(publisherOf(1).tryEnqueue(bytes(":x")));
    IllegalArgumentException thrown = new IllegalArgumentException();
    assertSame(
        thrown,
        assertThrows(
            IllegalArgumentException.class,
            () ->
                any.dequeueBatch(
                    1,
                    (subscriber, message) -> {
                      throw thrown;
                    },
                    LONG)));
    assertEquals("1:x", takeOne(any, LONG));
  }

  @Test
  void handlerMayCloseItsSubscriber() throws Exception {
    WaitAny any = over(2);
    publisherOf(0); // stays
    assertTrue(publisherOf(1).tryEnqueue(bytes(":x")));
    assertEquals(1, any.dequeueBatch(9, (subscriber, message) -> subscriber.close(), LONG));
    assertCode(FAILED_PRECONDITION, () -> takeOne(any, LONG));
  }

  @Test
  void messagesBehindAnOpenReservationAreSeen() throws Exception {
    WaitAny any = over(2);
    Publisher publisher = publisherOf(0);
    try (Reservation room = publisher.reserve(10)) {
      assertTrue(publisher.tryEnqueue(bytes(":behind")));
      assertEquals("0:behind", takeOne(any, LONG));
      room.commit(0);
    }
    assertEquals("0", takeOne(any, LONG));
  }

  @Test
  void badArgumentsAreRefused() {
    WaitAny any = over(1);
    assertThrows(NullPointerException.class, () -> new WaitAny(null));
    assertThrows(NullPointerException.class, () -> new WaitAny(Collections.singletonList(null)));
    assertThrows(NullPointerException.class, () -> any.dequeueBatch(1, null, LONG));
    assertThrows(NullPointerException.class, () -> any.dequeueBatch(1, (s, m) -> {}, null));
    assertThrows(IllegalArgumentException.class, () -> new WaitAny(List.of()));
    Subscriber one = subscribers.get(0);
    assertThrows(
        IllegalArgumentException.class,
        () -> new WaitAny(Collections.nCopies(WaitAny.MAX_SUBSCRIBERS + 1, one)));
  }
}
