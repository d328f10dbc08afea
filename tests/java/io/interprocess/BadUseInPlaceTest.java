// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Messages in place that are used wrongly, and handlers that do what they should not. */
class BadUseInPlaceTest extends MisuseTest {
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
              assertAll(IllegalStateException.class, message::acknowledge, message::giveBack);
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
    assertEquals(1, subscriber.tryDequeueBatch(1, each -> kept[0] = each));
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
  void handedOverMessageBelongsToTheFirstThreadThatUsesIt() throws Exception {
    assertTrue(publisher.tryEnqueue(new byte[] {7}));
    BorrowedMessage message = subscriber.tryBorrow().handOver();
    Reservation room = publisher.tryReserve(1).handOver();
    Throwable[] failure = new Throwable[1];
    Thread thread =
        new Thread(
            () -> {
              assertEquals(7, message.get(0));
              room.put(0, (byte) 8);
            });
    thread.setUncaughtExceptionHandler((t, e) -> failure[0] = e);
    thread.start();
    thread.join();
    assertNull(failure[0]);
    assertAll(IllegalStateException.class, accesses(message));
    assertAll(
        IllegalStateException.class,
        message::handOver,
        message::acknowledge,
        message::giveBack,
        room::handOver,
        room::commit,
        room::abort);
  }

  @Test
  void poolAcknowledgesWhatOneThreadBorrows() throws Exception {
    int count = 1000;
    ExecutorService pool = Executors.newFixedThreadPool(3);
    List<Future<Integer>> sums = new ArrayList<>();
    for (int i = 0; i < count; ++i) {
      Reservation room = publisher.reserve(4).handOver();
      int number = i;
      pool.submit(
          () -> {
            room.putInt(0, number);
            room.commit();
          });
      BorrowedMessage message = subscriber.borrow().handOver();
      sums.add(
          pool.submit(
              () -> {
                int value = message.getInt(0);
                message.acknowledge();
                return value;
              }));
    }
    long sum = 0;
    for (Future<Integer> each : sums) {
      sum += each.get();
    }
    pool.shutdown();
    assertEquals((long) count * (count - 1) / 2, sum);
    assertNull(subscriber.tryBorrow());
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
    room.order(ByteOrder.LITTLE_ENDIAN);
    room.putInt(8, 0x0a0b0c0d);
    room.commit();
    try (BorrowedMessage message = subscriber.tryBorrow()) {
      assertArrayEquals(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 13, 12, 11, 10}, message.toByteArray());
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

  /** In Cloudtoid's formats, a reservation holds no room in the queue. */
  @Test
  void commitWithoutRoomLeavesTheReservationOpen() {
    QueueOptions options =
        QueueOptions.builder("no-room-java-" + ProcessHandle.current().pid())
            .directory(directory)
            .capacity(4096)
            .protocol(Protocol.CLOUDTOID_V3)
            .build();
    try (Publisher other = Publisher.open(options);
        Subscriber taker = Subscriber.open(options)) {
      Reservation room = other.tryReserve(8);
      room.putLong(0, 7);
      assertTrue(other.tryEnqueue(new byte[4088]));
      QueueException e = assertThrows(QueueException.class, room::commit);
      assertEquals(QueueException.Code.RESOURCE_EXHAUSTED, e.code());
      assertEquals(8, room.size());
      assertEquals(4088, taker.tryDequeue().length);
      room.commit();
      assertArrayEquals(new byte[] {0, 0, 0, 0, 0, 0, 0, 7}, taker.tryDequeue());
    }
  }

  /** Cloudtoid's version 2 lends for ten seconds; then others may have it. */
  @Test
  void messageWhoseAcknowledgementFailedIsOfNoUse() throws Exception {
    QueueOptions options =
        QueueOptions.builder("taken-back-java-" + ProcessHandle.current().pid())
            .directory(directory)
            .capacity(4096)
            .protocol(Protocol.CLOUDTOID_V2)
            .build();
    try (Publisher other = Publisher.open(options);
        Subscriber slow = Subscriber.open(options);
        Subscriber quick = Subscriber.open(options)) {
      assertTrue(other.tryEnqueue(new byte[100]));
      try (BorrowedMessage message = slow.tryBorrow()) {
        assertEquals(100, message.size());
        assertEquals(100, quick.dequeue().length);
        QueueException e = assertThrows(QueueException.class, message::acknowledge);
        assertEquals(QueueException.Code.UNIMPLEMENTED, e.code());
        assertAll(IllegalStateException.class, accesses(message));
        e = assertThrows(QueueException.class, message::acknowledge);
        assertEquals(QueueException.Code.FAILED_PRECONDITION, e.code());
      }
      assertNull(quick.tryDequeue());
    }
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
                subscriber.tryDequeueBatch(
                    9,
                    message -> {
                      if (message.get(0) == 1) {
                        throw thrown;
                      }
                    }));
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
        subscriber.tryDequeueBatch(
            9,
            message -> {
              subscriber.close();
              assertEquals(1, message.size());
            }));
    try (Subscriber other = Subscriber.open(options())) {
      assertEquals(2, other.tryDequeue().length);
    }
  }

  /** What ended before, and is kept, keeps nothing alive of those that come after it. */
  @Test
  void forgottenMessageComesBackWhileThoseThatEndedBeforeItAreKept() throws Exception {
    List<Object> kept = new ArrayList<>();
    Reservation room = publisher.tryReserve(1);
    room.abort();
    kept.add(room);
    room = publisher.tryReserve(1);
    room.commit();
    kept.add(room);
    BorrowedMessage message = subscriber.tryBorrow();
    message.giveBack();
    kept.add(message);
    message = subscriber.tryBorrow();
    message.acknowledge();
    kept.add(message);

    assertTrue(publisher.tryEnqueue(new byte[] {7}));
    assertEquals(1, subscriber.tryBorrow().size());
    byte[] again = null;
    while (again == null) {
      System.gc();
      again = subscriber.dequeue(Duration.ofMillis(10));
    }
    assertArrayEquals(new byte[] {7}, again);
    Reference.reachabilityFence(kept);
  }
}
