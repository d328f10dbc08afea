// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static io.interprocess.QueueException.Code.FAILED_PRECONDITION;
import static io.interprocess.QueueException.Code.INVALID_ARGUMENT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.interprocess.BorrowedMessage;
import io.interprocess.MessageInfo;
import io.interprocess.Publisher;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InPlaceTest extends ConformanceTest {
  private Publisher publisher;
  private Subscriber subscriber;

  @BeforeEach
  void open() {
    publisher = openPublisher();
    subscriber = openSubscriber();
  }

  private Reservation reserve(byte[] text) {
    Reservation reservation = publisher.tryReserve(text.length);
    assertEquals(text.length, reservation.size());
    reservation.put(0, text, 0, text.length);
    return reservation;
  }

  @Test
  void C021_ReservedMessageIsInvisibleUntilCommitted() {
    for (int size : new int[] {0, 48, 49, LARGEST}) {
      Reservation reservation = reserve(text(size));
      assertNull(subscriber.tryDequeue());
      reservation.commit();
      assertThrows(IllegalStateException.class, reservation::size);
      assertArrayEquals(text(size), subscriber.tryDequeue());
    }
  }

  @Test
  void C022_CommitMayBeShorter() {
    for (int size : new int[] {0, 1, 48, 49, 64, 199, 200}) {
      reserve(text(200)).commit(size);
      assertArrayEquals(Arrays.copyOf(text(200), size), subscriber.tryDequeue());
    }
  }

  @Test
  void C023_CommitLongerIsInvalidArgument() {
    Reservation reservation = reserve(bytes("1234"));
    assertCode(INVALID_ARGUMENT, () -> reservation.commit(5));
    assertCode(INVALID_ARGUMENT, () -> reservation.commit(Integer.MAX_VALUE));
    assertCode(INVALID_ARGUMENT, () -> reservation.commit(-1));
    assertEquals(4, reservation.size());
    reservation.commit(4);
    assertEquals("1234", string(subscriber.tryDequeue()));
  }

  @Test
  void C024_AbortedReservationIsNoMessage() {
    Reservation reservation = reserve(text(LARGEST));
    if (IS_NATIVE) { // elsewhere a reservation holds no room
      assertFalse(publisher.tryEnqueue(text(49)));
    }
    reservation.abort();
    assertThrows(IllegalStateException.class, () -> reservation.put(0, (byte) 1));
    reservation.abort();
    assertCode(FAILED_PRECONDITION, () -> reservation.commit(0));
    try (Reservation dropped = reserve(text(LARGEST))) {
      assertNotNull(dropped);
    }
    assertNull(subscriber.tryDequeue());
    assertTrue(publisher.tryEnqueue(text(LARGEST)));
  }

  @Test
  void C025_CommitTwiceIsFailedPrecondition() {
    Reservation reservation = reserve(bytes("once"));
    reservation.commit();
    assertCode(FAILED_PRECONDITION, reservation::commit);
    reservation.abort();
    assertEquals("once", string(subscriber.tryDequeue()));
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void C028_LaterMessagesPassAnOpenReservation() throws Exception {
    Reservation reservation = reserve(bytes("slow"));
    assertTrue(publisher.tryEnqueue(bytes("own")));
    assertTrue(openPublisher().tryEnqueue(bytes("other")));
    assertEquals("own", string(subscriber.dequeue(Duration.ofSeconds(30))));
    assertEquals("other", string(subscriber.dequeue(Duration.ofSeconds(30))));
    assertNull(subscriber.tryDequeue());
    reservation.commit();
    assertEquals("slow", string(subscriber.tryDequeue()));
  }

  @Test
  void C029_BorrowedMessageIsNobodyElses() {
    assertTrue(publisher.tryEnqueue(bytes("lent")));
    try (BorrowedMessage borrowed = subscriber.tryBorrow()) {
      assertEquals("lent", string(borrowed.toByteArray()));
      assertEquals(4, borrowed.size());
      assertEquals(0, borrowed.earlierDeliveries());
      assertFalse(borrowed.redelivered());
      assertNull(openSubscriber().tryDequeue());
      assertNull(subscriber.tryDequeue());
    }
  }

  @Test
  void C030_AcknowledgedMessageIsGone() {
    assertTrue(publisher.tryEnqueue(text(LARGEST)));
    BorrowedMessage borrowed = subscriber.tryBorrow();
    assertFalse(publisher.tryEnqueue(text(49)));
    borrowed.acknowledge();
    assertThrows(IllegalStateException.class, borrowed::toByteArray);
    assertTrue(publisher.tryEnqueue(text(LARGEST, 1)));
    assertArrayEquals(text(LARGEST, 1), subscriber.tryDequeue());
  }

  @Test
  void C031_GivenBackMessageComesAgainCounted() {
    assertTrue(publisher.tryEnqueue(bytes("again")));
    for (int deliveries = 0; deliveries < 5; ++deliveries) {
      BorrowedMessage borrowed = subscriber.tryBorrow();
      assertEquals("again", string(borrowed.toByteArray()));
      assertEquals(deliveries, borrowed.earlierDeliveries());
      assertFalse(borrowed.redelivered());
      borrowed.giveBack();
      assertThrows(IllegalStateException.class, borrowed::size);
      borrowed.giveBack();
    }
    MessageInfo info = new MessageInfo();
    assertEquals(5, openSubscriber().tryDequeue(new byte[5], 0, 5, info));
    assertEquals(5, info.earlierDeliveries());
  }

  @Test
  void C032_DroppedBorrowIsGivenBack() {
    assertTrue(publisher.tryEnqueue(bytes("1")));
    assertTrue(publisher.tryEnqueue(bytes("2")));
    try (BorrowedMessage dropped = subscriber.tryBorrow()) {
      assertEquals("1", string(dropped.toByteArray()));
      assertEquals("2", string(subscriber.tryDequeue()));
    }
    assertEquals("1", string(subscriber.tryDequeue()));
  }

  @Test
  void C033_SeveralAreBorrowedAndAcknowledgedInAnyOrder() {
    List<BorrowedMessage> borrowed = new ArrayList<>();
    for (int i = 0; i < 30; ++i) {
      assertTrue(publisher.tryEnqueue(text(100, i)));
      borrowed.add(subscriber.tryBorrow());
    }
    for (int i : new int[] {7, 29, 0}) {
      assertArrayEquals(text(100, i), borrowed.get(i).toByteArray());
      borrowed.get(i).acknowledge();
    }
    borrowed.forEach(BorrowedMessage::close);
    for (int i = 0; i < 27; ++i) {
      assertNotNull(subscriber.tryDequeue());
    }
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void C034_AcknowledgeTwiceIsFailedPrecondition() {
    assertTrue(publisher.tryEnqueue(bytes("1")));
    assertTrue(publisher.tryEnqueue(bytes("2")));
    BorrowedMessage first = subscriber.tryBorrow();
    first.acknowledge();
    assertCode(FAILED_PRECONDITION, first::acknowledge);
    first.giveBack();
    BorrowedMessage second = subscriber.tryBorrow();
    second.giveBack();
    assertCode(FAILED_PRECONDITION, second::acknowledge);
    assertEquals("2", string(subscriber.tryDequeue()));
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void C035_BorrowedMessageOutlivesItsSubscriber() {
    assertTrue(publisher.tryEnqueue(text(1000)));
    Subscriber other = openSubscriber();
    BorrowedMessage borrowed = other.tryBorrow();
    other.close();
    assertArrayEquals(text(1000), borrowed.toByteArray());
    assertNull(subscriber.tryDequeue());
    borrowed.acknowledge();
    assertNull(subscriber.tryDequeue());
  }
}
