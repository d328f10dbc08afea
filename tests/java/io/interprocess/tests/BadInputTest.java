package io.interprocess.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.interprocess.BorrowedMessage;
import io.interprocess.Message;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueInspector;
import io.interprocess.QueueOptions;
import io.interprocess.QueueRegistry;
import io.interprocess.Receiver;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a caller may do wrong, and what comes of it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BadInputTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  @TempDir Path directory;
  private Publisher publisher;
  private Subscriber subscriber;

  @BeforeEach
  void open() {
    publisher = Publisher.open(options());
    subscriber = Subscriber.open(options());
  }

  @AfterEach
  void close() {
    publisher.close();
    subscriber.close();
  }

  private QueueOptions options() {
    return QueueOptions.builder("queue").directory(directory).capacity(4096).build();
  }

  private static void assertAll(Class<? extends Throwable> type, Executable... calls) {
    for (int i = 0; i < calls.length; ++i) {
      assertThrows(type, calls[i], "call " + i);
    }
  }

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
        () -> subscriber.drain(null, 1),
        () -> subscriber.drain(null, 0, SECOND),
        () -> new Receiver(null, Runnable::run),
        () -> new Receiver(subscriber, null),
        () -> QueueInspector.open(null, directory),
        () -> QueueRegistry.remove(null, directory));
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
      assertEquals(0, subscriber.drain(message -> {}, 1, none));
      assertTrue(publisher.enqueue(new byte[1], none));
      assertEquals(1, subscriber.tryDequeue().length);
    }
    for (Duration ever : List.of(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofNanos(Long.MAX_VALUE))) {
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
  }

  @Test
  void everyOptionReachesTheQueue() {
    QueueOptions.Builder options =
        QueueOptions.builder("options").directory(directory).clearOnRelease(true);
    try (Publisher other = Publisher.open(options.build())) {
      assertTrue(other.tryEnqueue(new byte[1]));
      assertEquals(
          QueueException.Code.FAILED_PRECONDITION,
          assertThrows(
                  QueueException.class,
                  () -> Subscriber.open(options.clearOnRelease(false).build()))
              .code());
      try (Subscriber same = Subscriber.open(options.clearOnRelease(true).build())) {
        assertEquals(1, same.tryDequeue().length);
      }
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

  private static Executable[] accesses(Message message) {
    return new Executable[] {
      message::size,
      message::redelivered,
      message::order,
      () -> message.get(0),
      () -> message.getLong(0),
      () -> message.get(0, new byte[1], 0, 1),
      () -> message.copyTo(ByteBuffer.allocate(9)),
      message::toByteArray,
    };
  }

  @Test
  void messageInPlaceIsOfNoUseAfterItsEndOrInAnotherThread() throws Exception {
    assertTrue(publisher.tryEnqueue(new byte[100]));
    BorrowedMessage message = subscriber.tryBorrow();
    Thread thread =
        new Thread(
            () -> {
              assertAll(IllegalStateException.class, accesses(message));
              assertAll(
                  IllegalStateException.class, message::acknowledge, message::giveBack);
            });
    Throwable[] failure = new Throwable[1];
    thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
    thread.start();
    thread.join();
    assertNull(failure[0]);
    message.acknowledge();
    assertAll(IllegalStateException.class, accesses(message));
    assertEquals("BorrowedMessage[ended]", message.toString());

    assertTrue(publisher.tryEnqueue(new byte[100]));
    Message[] kept = new Message[1];
    assertEquals(1, subscriber.drain(each -> kept[0] = each, 1));
    assertAll(IllegalStateException.class, accesses(kept[0]));

    Reservation room = publisher.tryReserve(100);
    room.commit();
    assertAll(
        IllegalStateException.class,
        room::size,
        () -> room.put(0, (byte) 1),
        () -> room.putLong(0, 1),
        () -> room.put(0, new byte[1], 0, 1),
        () -> room.put(0, ByteBuffer.allocate(1)));
    // Also when the endpoint and its mapping are gone.
    subscriber.close();
    publisher.close();
    assertAll(IllegalStateException.class, accesses(message));
    assertAll(IllegalStateException.class, () -> room.putLong(0, 1));
  }

  @Test
  void indicesInPlaceAreChecked() {
    Reservation room = publisher.tryReserve(12);
    assertAll(
        IndexOutOfBoundsException.class,
        () -> room.put(-1, (byte) 0),
        () -> room.put(12, (byte) 0),
        () -> room.putLong(5, 0),
        () -> room.putLong(Integer.MAX_VALUE, 0),
        () -> room.put(10, new byte[9], 0, 3),
        () -> room.put(0, new byte[9], 8, 3),
        () -> room.put(0, ByteBuffer.allocate(13)));
    room.putLong(0, 0x0102030405060708L);
    room.order(java.nio.ByteOrder.LITTLE_ENDIAN);
    room.putInt(8, 0x0a0b0c0d);
    room.commit();
    try (BorrowedMessage message = subscriber.tryBorrow()) {
      assertArrayEquals(
          new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 13, 12, 11, 10}, message.toByteArray());
      assertEquals(0x0102030405060708L, message.getLong(0));
      assertEquals(0x0d0c0b0a, message.getInt(8));
      assertAll(
          IndexOutOfBoundsException.class,
          () -> message.get(12),
          () -> message.getShort(11),
          () -> message.getDouble(-1),
          () -> message.get(0, new byte[13], 0, 13),
          () -> message.get(0, new byte[3], 1, 3));
      ByteBuffer small = ByteBuffer.allocate(11);
      assertThrows(BufferOverflowException.class, () -> message.copyTo(small));
      assertEquals(0, small.position());
    }
    assertAll(QueueException.class, () -> publisher.tryReserve(-1));
  }

  @Test
  void handlerThatThrowsGivesItsMessageBack() {
    for (byte i = 0; i < 4; ++i) {
      assertTrue(publisher.tryEnqueue(new byte[] {i}));
    }
    IllegalArgumentException thrown = new IllegalArgumentException();
    IllegalArgumentException caught =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                subscriber.drain(
                    message -> {
                      if (message.get(0) == 1) {
                        throw thrown;
                      }
                    },
                    9));
    assertEquals(thrown, caught);
    byte[] rest = new byte[3];
    for (int i = 0; i < 3; ++i) {
      rest[i] = subscriber.tryDequeue()[0];
    }
    Arrays.sort(rest);
    assertArrayEquals(new byte[] {1, 2, 3}, rest);
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void handlerMayCloseItsSubscriber() {
    assertTrue(publisher.tryEnqueue(new byte[1]));
    assertTrue(publisher.tryEnqueue(new byte[2]));
    assertEquals(
        1,
        subscriber.drain(
            message -> {
              subscriber.close();
              assertEquals(1, message.size());
            },
            9));
    try (Subscriber other = Subscriber.open(options())) {
      assertEquals(2, other.tryDequeue().length);
    }
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
      assertEquals(
          QueueException.Code.FAILED_PRECONDITION, ((QueueException) e.getCause()).code());
    } finally {
      executor.shutdown();
      assertTrue(executor.awaitTermination(30, TimeUnit.SECONDS));
    }
  }
}
