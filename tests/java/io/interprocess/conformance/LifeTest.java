// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static io.interprocess.QueueException.Code.ALREADY_EXISTS;
import static io.interprocess.QueueException.Code.FAILED_PRECONDITION;
import static io.interprocess.QueueException.Code.NOT_FOUND;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.interprocess.EndpointCounters;
import io.interprocess.OpenMode;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueInspector;
import io.interprocess.QueueOptions;
import io.interprocess.QueueReport;
import io.interprocess.Subscriber;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class LifeTest extends ConformanceTest {
  @Test
  void C044_CapacityIsRoundedUp() {
    long[][] cases = {{1, 4096}, {4096, 4096}, {4097, 8192}, {100_000, 131_072}};
    for (long[] each : cases) {
      QueueOptions options = options().capacity(each[0]).build();
      try (Publisher publisher = Publisher.open(options);
          Subscriber subscriber = Subscriber.open(options)) {
        assertEquals(each[1], publisher.capacity());
        assertEquals(each[1], subscriber.capacity());
        assertEquals(each[1], publisher.maxMessageSize());
        assertEquals(each[1], subscriber.maxMessageSize());
      }
    }
  }

  @Test
  void C045_OtherOptionsAreFailedPrecondition() {
    openPublisher();
    QueueException e =
        assertThrows(QueueException.class, () -> Subscriber.open(options().capacity(8192).build()));
    assertEquals(FAILED_PRECONDITION, e.code());
    assertTrue(e.getMessage().contains("4096"), e.getMessage());
    assertTrue(e.getMessage().contains("8192"), e.getMessage());
  }

  @Test
  void C046_OpenExistingNeedsAQueue() {
    QueueOptions options = options().mode(OpenMode.OPEN_EXISTING).build();
    assertCode(NOT_FOUND, () -> Publisher.open(options));
    assertCode(NOT_FOUND, () -> Subscriber.open(options));
    openPublisher();
    closing(Subscriber.open(options));
  }

  @Test
  void C047_OpenExistingTakesTheQueuesOptions() {
    openPublisher();
    QueueOptions options = options().mode(OpenMode.OPEN_EXISTING).capacity(1 << 20).build();
    assertEquals(CAPACITY, closing(Subscriber.open(options)).capacity());
  }

  @Test
  void C048_CreateNewNeedsNone() {
    QueueOptions options = options().mode(OpenMode.CREATE_NEW).build();
    assertTrue(closing(Publisher.open(options)).tryEnqueue(bytes("there")));
    assertCode(ALREADY_EXISTS, () -> Publisher.open(options));
    assertCode(ALREADY_EXISTS, () -> Subscriber.open(options));
    assertEquals("there", string(openSubscriber().tryDequeue()));
  }

  @Test
  void C049_SameNameInTwoDirectoriesIsTwoQueues(@TempDir Path other) {
    assertTrue(openPublisher().tryEnqueue(bytes("here")));
    assertTrue(closing(Publisher.open(optionsIn(other).build())).tryEnqueue(bytes("there")));
    Subscriber subscriber = closing(Subscriber.open(optionsIn(other).build()));
    assertEquals("there", string(subscriber.tryDequeue()));
    assertNull(subscriber.tryDequeue());
    assertEquals("here", string(openSubscriber().tryDequeue()));
  }

  @Test
  void C050_EmptyQueueGoesWithTheLast() {
    try (Publisher publisher = Publisher.open(options().build())) {
      Subscriber.open(options().build()).close();
      assertTrue(hasQueue());
      assertTrue(publisher.tryEnqueue(bytes("x")));
      try (Subscriber subscriber = Subscriber.open(options().build())) {
        assertNotNull(subscriber.tryDequeue());
      }
    }
    assertFalse(hasQueue());
  }

  @Test
  void C051_UndeliveredMessagesAreKept() {
    try (Publisher publisher = Publisher.open(options().build())) {
      assertTrue(publisher.tryEnqueue(bytes("1")));
      assertTrue(publisher.tryEnqueue(text(1000)));
    }
    try (Subscriber subscriber = Subscriber.open(options().build())) {
      assertEquals("1", string(subscriber.tryDequeue()));
    }
    try (Subscriber subscriber = Subscriber.open(options().build())) {
      assertArrayEquals(text(1000), subscriber.tryDequeue());
    }
    assertFalse(hasQueue());
  }

  @Test
  void C052_UndeliveredMessagesGoIfTheLastSaysSo() {
    try (Publisher publisher = Publisher.open(options().keepUndelivered(false).build())) {
      assertTrue(publisher.tryEnqueue(bytes("x")));
    }
    assertFalse(hasQueue());
  }

  @Test
  void C053_CallsAfterCloseAreFailedPrecondition() {
    openPublisher(); // stays
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertTrue(publisher.tryEnqueue(bytes("x")));
    for (int i = 0; i < 2; ++i) {
      publisher.close();
      subscriber.close();
      assertCode(FAILED_PRECONDITION, () -> publisher.tryEnqueue(bytes("y")));
      assertCode(FAILED_PRECONDITION, () -> publisher.enqueue(bytes("y")));
      assertCode(FAILED_PRECONDITION, () -> publisher.tryReserve(1));
      assertCode(FAILED_PRECONDITION, subscriber::tryDequeue);
      assertCode(FAILED_PRECONDITION, subscriber::dequeue);
      assertCode(FAILED_PRECONDITION, subscriber::tryBorrow);
      assertCode(FAILED_PRECONDITION, () -> subscriber.tryDequeue(new byte[1]));
      assertCode(FAILED_PRECONDITION, () -> subscriber.tryDequeueBatch(1, message -> {}));
    }
    assertEquals("x", string(openSubscriber().tryDequeue()));
  }

  @Test
  void C062_SecondPublisherIsRefusedNamingTheFirst() {
    QueueOptions options = options().onePublisher(true).build();
    closing(Subscriber.open(options));
    closing(Subscriber.open(options));
    Publisher first = closing(Publisher.open(options));
    assertNamesTheFirst("publisher", () -> Publisher.open(options));
    first.close();
    closing(Publisher.open(options));
  }

  @Test
  void C063_SecondSubscriberIsRefusedNamingTheFirst() {
    QueueOptions options = options().oneSubscriber(true).build();
    closing(Publisher.open(options));
    closing(Publisher.open(options));
    Subscriber first = closing(Subscriber.open(options));
    assertNamesTheFirst("subscriber", () -> Subscriber.open(options));
    first.close();
    closing(Subscriber.open(options));
  }

  private static void assertNamesTheFirst(String kind, Executable open) {
    QueueException e = assertThrows(QueueException.class, open);
    assertEquals(FAILED_PRECONDITION, e.code());
    assertTrue(e.getMessage().contains("one " + kind + " at a time"), e.getMessage());
    String process = "process " + ProcessHandle.current().pid();
    assertTrue(e.getMessage().contains(process), e.getMessage());
  }

  @Test
  void C064_MakerDecidesWhoIsAlone() {
    QueueOptions options = options().onePublisher(true).oneSubscriber(true).build();
    Publisher publisher = closing(Publisher.open(options));
    QueueException e = assertThrows(QueueException.class, () -> Subscriber.open(options().build()));
    assertEquals(FAILED_PRECONDITION, e.code());
    assertTrue(e.getMessage().contains("one_publisher"), e.getMessage());
    QueueOptions existing = options().mode(OpenMode.OPEN_EXISTING).build();
    Subscriber subscriber = closing(Subscriber.open(existing));
    assertCode(FAILED_PRECONDITION, () -> Subscriber.open(existing));
    assertTrue(publisher.tryEnqueue(bytes("x")));
    assertEquals("x", string(subscriber.tryDequeue()));
    QueueReport report = closing(QueueInspector.open(options)).report();
    assertTrue(report.onePublisher());
    assertTrue(report.oneSubscriber());
  }

  @Test
  void C065_DepthCountsWhatWaits() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertDepth(0, publisher, subscriber);
    for (int i = 0; i < 50; ++i) {
      assertTrue(publisher.tryEnqueue(bytes("x")));
    }
    assertDepth(50, publisher, subscriber);
    closing(publisher.tryReserve(10));
    assertDepth(51, publisher, subscriber);
    for (int i = 0; i < 20; ++i) {
      assertNotNull(subscriber.tryDequeue());
    }
    closing(subscriber.tryBorrow());
    assertDepth(30, publisher, subscriber);
  }

  private void assertDepth(long depth, Publisher publisher, Subscriber subscriber) {
    assertEquals(depth, publisher.approximateDepth());
    assertEquals(depth, subscriber.approximateDepth());
    assertEquals(depth, closing(QueueInspector.open(options().build())).approximateDepth());
  }

  @Test
  void C066_EndpointsCount() throws InterruptedException {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertEquals(0, subscriber.counters().messages());
    for (int i = 0; i < 3; ++i) {
      assertNull(subscriber.tryDequeue());
    }
    assertNull(subscriber.dequeue(Duration.ofMillis(1)));
    assertEquals(1, subscriber.counters().fullOrEmpty());
    assertEquals(1, subscriber.counters().waits());
    assertTrue(publisher.tryEnqueue(text(LARGEST)));
    assertFalse(publisher.tryEnqueue(text(49)));
    assertFalse(publisher.enqueue(text(49), Duration.ofMillis(1)));
    assertNotNull(subscriber.tryDequeue());
    assertTrue(publisher.tryEnqueue(text(49)));
    EndpointCounters published = publisher.counters();
    assertEquals(2, published.messages());
    assertEquals(LARGEST + 49, published.bytes());
    assertEquals(1, published.fullOrEmpty());
    assertEquals(1, published.waits());
    assertEquals(1, subscriber.counters().messages());
    assertEquals(LARGEST, subscriber.counters().bytes());
    assertTrue(published.toString().contains("messages=2"), published.toString());
  }
}
