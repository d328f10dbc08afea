// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a caller may pass and ask that is wrong, and what comes of it. */
class BadInputTest extends MisuseTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void nullIsANullPointerException() {
    assertAll(
        NullPointerException.class,
        () -> Publisher.open((String) null),
        () -> Publisher.open((QueueOptions) null),
        () -> Subscriber.open((QueueOptions) null),
        () -> QueueOptions.builder("x").protocol(null),
        () -> QueueOptions.builder("x").mode(null),
        () -> QueueOptions.builder("x").access(null),
        () -> publisher.tryEnqueue((byte[]) null),
        () -> publisher.tryEnqueue(null, 0, 0),
        () -> publisher.tryEnqueue((ByteBuffer) null),
        () -> publisher.enqueue((byte[]) null),
        () -> publisher.enqueue((ByteBuffer) null, SECOND),
        () -> publisher.enqueue(new byte[1], null),
        () -> publisher.tryEnqueueBatch(null),
        () -> publisher.tryEnqueueBatch(Collections.singletonList(null)),
        () -> publisher.reserve(1, null),
        () -> subscriber.tryDequeue((byte[]) null),
        () -> subscriber.tryDequeue((ByteBuffer) null),
        () -> subscriber.dequeue((Duration) null),
        () -> subscriber.dequeue(new byte[1], null),
        () -> subscriber.tryDequeueBatch(1, null),
        () -> subscriber.dequeueBatch(0, null, SECOND),
        () -> new Receiver(null, Runnable::run),
        () -> new Receiver(subscriber, null),
        () -> QueueOptions.builder("x").account(null),
        () -> QueueOptions.defaultDirectory(null),
        () -> QueueInspector.open(null, directory),
        () -> QueueInspector.open("x", directory, null),
        () -> QueueRegistry.list(directory, null),
        () -> QueueRegistry.remove(null, directory),
        () -> QueueRegistry.remove("x", directory, null));
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void sliceOutsideItsArrayIsAnIndexOutOfBoundsException() {
    byte[] array = new byte[10];
    int[][] slices = {{-1, 1}, {0, 11}, {10, 1}, {11, 0}, {5, 6}, {0, -1}, {Integer.MAX_VALUE, 2}};
    for (int[] slice : slices) {
      assertAll(
          IndexOutOfBoundsException.class,
          () -> publisher.tryEnqueue(array, slice[0], slice[1]),
          () -> publisher.enqueue(array, slice[0], slice[1], SECOND),
          () -> subscriber.tryDequeue(array, slice[0], slice[1], null),
          () -> subscriber.dequeue(array, slice[0], slice[1], SECOND, null));
    }
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void readOnlyTargetIsRefused() {
    assertTrue(publisher.tryEnqueue(new byte[3]));
    assertAll(
        ReadOnlyBufferException.class,
        () -> subscriber.tryDequeue(ByteBuffer.allocate(9).asReadOnlyBuffer()),
        () -> subscriber.tryDequeue(ByteBuffer.allocateDirect(9).asReadOnlyBuffer()),
        () -> subscriber.dequeue(ByteBuffer.allocate(9).asReadOnlyBuffer(), SECOND));
    try (BorrowedMessage message = subscriber.tryBorrow()) {
      assertThrows(
          ReadOnlyBufferException.class,
          () -> message.copyTo(ByteBuffer.allocate(9).asReadOnlyBuffer()));
    }
  }

  @Test
  void smallBufferKeepsTheMessageAndItsPosition() {
    byte[] text = {1, 2, 3};
    assertTrue(publisher.tryEnqueue(text));
    for (ByteBuffer small : List.of(ByteBuffer.allocate(5), ByteBuffer.allocateDirect(5))) {
      small.position(3);
      assertThrows(BufferOverflowException.class, () -> subscriber.tryDequeue(small));
      assertEquals(3, small.position());
    }
    assertArrayEquals(text, subscriber.tryDequeue());
  }

  @Test
  void fullQueueLeavesTheBufferWhereItWas() throws Exception {
    assertTrue(publisher.tryEnqueue(new byte[4096]));
    for (ByteBuffer source : List.of(ByteBuffer.allocate(100), ByteBuffer.allocateDirect(100))) {
      source.position(3);
      assertTrue(!publisher.tryEnqueue(source));
      assertTrue(!publisher.enqueue(source, Duration.ofMillis(1)));
      assertEquals(3, source.position());
    }
  }

  @Test
  void durationsMayBeNegativeOrHuge() throws Exception {
    for (Duration none : List.of(Duration.ofSeconds(Long.MIN_VALUE), Duration.ofNanos(-1))) {
      assertNull(subscriber.dequeue(none));
      assertEquals(0, subscriber.dequeueBatch(1, message -> {}, none));
      assertTrue(publisher.enqueue(new byte[1], none));
      assertEquals(1, subscriber.tryDequeue().length);
    }
    for (Duration ever :
        List.of(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofNanos(Long.MAX_VALUE))) {
      CompletableFuture<byte[]> waiting =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return subscriber.dequeue(ever);
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      publisher.enqueue(new byte[7], ever);
      assertEquals(7, waiting.get().length);
    }
  }

  @Test
  void badOptionsAreToldByNameAndValue() {
    Object[][] cases = {
      {QueueOptions.of(""), "is empty"},
      {QueueOptions.of("a/b"), "a/b"},
      {QueueOptions.of("a\0b"), "control"},
      {QueueOptions.of("x".repeat(201)), "201"},
      {QueueOptions.builder("x").capacity(0).build(), "capacity 0"},
      {QueueOptions.builder("x").capacity(-5).build(), "capacity -5"},
      {QueueOptions.builder("x").capacity(Long.MAX_VALUE).build(), "capacity"},
      {QueueOptions.builder("x").maxParticipants(1).build(), "max_participants 1"},
    };
    for (Object[] each : cases) {
      QueueException e =
          assertThrows(QueueException.class, () -> Publisher.open((QueueOptions) each[0]));
      assertEquals(QueueException.Code.INVALID_ARGUMENT, e.code());
      assertTrue(e.getMessage().contains((String) each[1]), e.getMessage());
    }
    QueueException e =
        assertThrows(
            QueueException.class,
            () ->
                Publisher.open(
                    QueueOptions.builder("x").directory(directory.resolve("none")).build()));
    assertEquals(QueueException.Code.NOT_FOUND, e.code(), e.getMessage());
    e =
        assertThrows(
            QueueException.class,
            () ->
                Publisher.open(
                    QueueOptions.builder("x")
                        .directory(directory)
                        .account("no-such-group")
                        .build()));
    assertEquals(QueueException.Code.NOT_FOUND, e.code(), e.getMessage());
    assertTrue(e.getMessage().contains("no-such-group"), e.getMessage());
  }

  @Test
  void everyOptionReachesTheQueue() {
    QueueOptions.Builder options =
        QueueOptions.builder("options").directory(directory).maxParticipants(5);
    try (Publisher other = Publisher.open(options.build())) {
      assertTrue(other.tryEnqueue(new byte[1]));
      assertEquals(
          QueueException.Code.FAILED_PRECONDITION,
          assertThrows(
                  QueueException.class, () -> Subscriber.open(options.maxParticipants(6).build()))
              .code());
      try (Subscriber same = Subscriber.open(options.maxParticipants(5).build())) {
        assertEquals(1, same.tryDequeue().length);
      }
    }
  }

  @Test
  void everyProtocolIsReached() {
    for (Protocol protocol : Protocol.values()) {
      String name = "protocol-java-" + ProcessHandle.current().pid();
      QueueOptions options =
          QueueOptions.builder(name)
              .directory(directory)
              .capacity(4096)
              .protocol(protocol)
              .acrossSessions(true)
              .build();
      try (Publisher other = Publisher.open(options)) {
        assertTrue(other.tryEnqueue(new byte[] {1, 2, 3}));
        assertTrue(other.tryEnqueue(new byte[0]));
        QueueRegistry.Entry entry =
            QueueRegistry.list(directory, protocol).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        assertEquals(4096, entry.capacity());
        try (QueueInspector inspector = QueueInspector.open(name, directory, protocol)) {
          assertEquals(protocol, inspector.report().protocol());
          assertEquals(entry.path(), inspector.report().path());
          assertEquals(4096, inspector.capacity());
          List<byte[]> waiting = inspector.peek(9);
          assertEquals(2, waiting.size());
          assertArrayEquals(new byte[] {1, 2, 3}, waiting.get(0));
          assertEquals(0, waiting.get(1).length);
          assertEquals(1, inspector.peek(1).size());
          assertEquals(0, inspector.peek(-1).size());
        }
        QueueRegistry.remove(name, directory, protocol);
        assertThrows(QueueException.class, () -> QueueInspector.open(name, directory, protocol));
      }
      assertTrue(QueueOptions.defaultDirectory(protocol).isAbsolute());
    }
  }

  @Test
  void namesAreUnicode() {
    QueueOptions options = QueueOptions.builder("grüße-世界-𝄞").directory(directory).build();
    try (Publisher other = Publisher.open(options)) {
      assertEquals("grüße-世界-𝄞", QueueRegistry.list(directory).get(0).name());
      try (QueueInspector inspector = QueueInspector.open("grüße-世界-𝄞", directory)) {
        assertEquals("grüße-世界-𝄞", inspector.report().name());
        assertEquals(1, inspector.report().participants().size());
        assertTrue(inspector.check().isEmpty());
        assertEquals(0, inspector.repair());
      }
      QueueRegistry.remove("grüße-世界-𝄞", directory);
      assertTrue(other.tryEnqueue(new byte[1]));
    }
    QueueInspector inspector = QueueInspector.open("queue", directory);
    inspector.close();
    inspector.close();
    assertThrows(QueueException.class, inspector::report);
  }

  @Test
  void receiverLeavesTheMessageOfACancelledFuture() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Receiver receiver = new Receiver(subscriber, executor);
      CompletableFuture<byte[]> cancelled = receiver.receive();
      cancelled.cancel(false);
      CompletableFuture<byte[]> next = receiver.receive();
      assertTrue(publisher.tryEnqueue(new byte[5]));
      assertEquals(5, next.get().length);

      byte[] sum = new byte[1];
      CompletableFuture<Void> all = receiver.receiveAll(message -> sum[0] += message[0]);
      for (byte i = 1; i <= 4; ++i) {
        publisher.enqueue(new byte[] {i});
      }
      while (sum[0] != 10) {
        Thread.onSpinWait();
      }
      subscriber.close();
      ExecutionException e = assertThrows(ExecutionException.class, all::get);
      assertEquals(QueueException.Code.FAILED_PRECONDITION, ((QueueException) e.getCause()).code());
    } finally {
      executor.shutdown();
      assertTrue(executor.awaitTermination(30, TimeUnit.SECONDS));
    }
  }
}
