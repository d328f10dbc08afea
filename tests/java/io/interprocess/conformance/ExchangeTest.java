// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static io.interprocess.QueueException.Code.INVALID_ARGUMENT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.interprocess.MessageInfo;
import io.interprocess.Publisher;
import io.interprocess.Subscriber;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ExchangeTest extends ConformanceTest {
  @Test
  void C001_EnqueuedMessageIsDequeued() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertTrue(publisher.tryEnqueue(bytes("hello")));
    assertEquals("hello", string(subscriber.tryDequeue()));
    publisher.enqueue(bytes("world"));
    byte[] buffer = new byte[10];
    MessageInfo info = new MessageInfo();
    assertEquals(5, subscriber.tryDequeue(buffer, 0, 10, info));
    assertEquals("world\0\0\0\0\0", string(buffer));
    assertEquals(5, info.size());
    assertEquals(0, info.earlierDeliveries());
    assertFalse(info.redelivered());
  }

  @Test
  void C002_EmptyQueueIsUnavailable() {
    Subscriber subscriber = openSubscriber();
    assertNull(subscriber.tryDequeue());
    assertEquals(-1, subscriber.tryDequeue(new byte[1]));
    assertEquals(-1, subscriber.tryDequeue(ByteBuffer.allocateDirect(1)));
    assertNull(subscriber.tryBorrow());
  }

  @Test
  void C003_MessagesOfAPublisherKeepTheirOrder() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    for (int i = 0; i < 50; ++i) {
      assertTrue(publisher.tryEnqueue(bytes(Integer.toString(i))));
    }
    for (int i = 0; i < 50; ++i) {
      assertEquals(Integer.toString(i), string(subscriber.tryDequeue()));
    }
  }

  @Test
  void C004_ZeroLengthIsAMessage() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertTrue(publisher.tryEnqueue(new byte[0]));
    assertTrue(publisher.tryEnqueue(ByteBuffer.allocateDirect(0)));
    assertEquals(0, subscriber.tryDequeue().length);
    assertEquals(0, subscriber.tryDequeue(new byte[0]));
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void C005_EverySizeArrivesWhole() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    int[] sizes = {
      0,
      1,
      7,
      8,
      9,
      47,
      48,
      49,
      63,
      64,
      65,
      127,
      128,
      129,
      511,
      512,
      513,
      2048,
      LARGEST - 1,
      LARGEST
    };
    for (int size : sizes) {
      byte[] text = text(size, 3);
      assertTrue(publisher.tryEnqueue(text));
      assertArrayEquals(text, subscriber.tryDequeue());
      // A slice of an array, heap and direct buffers, there and back.
      byte[] slice = new byte[size + 9];
      System.arraycopy(text, 0, slice, 4, size);
      assertTrue(publisher.tryEnqueue(slice, 4, size));
      byte[] target = new byte[size + 9];
      assertEquals(size, subscriber.tryDequeue(target, 4, size, null));
      assertArrayEquals(slice, target);
      for (int kind = 0; kind < 4; ++kind) {
        ByteBuffer in =
            kind < 2 ? ByteBuffer.allocate(size + 7) : ByteBuffer.allocateDirect(size + 7);
        in.position(3).limit(3 + size);
        in.duplicate().put(text);
        ByteBuffer source = kind % 2 == 0 ? in : in.asReadOnlyBuffer();
        assertTrue(publisher.tryEnqueue(source));
        assertEquals(0, source.remaining());
        ByteBuffer out =
            kind % 2 == 0 ? ByteBuffer.allocate(size + 5) : ByteBuffer.allocateDirect(size + 5);
        out.position(2);
        assertEquals(size, subscriber.tryDequeue(out));
        assertEquals(2 + size, out.position());
        byte[] got = new byte[size];
        out.flip().position(2).get(got);
        assertArrayEquals(text, got);
      }
    }
  }

  @Test
  void C006_MessageOfWholeCapacityFits() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    for (int i = 0; i < 200; ++i) {
      assertTrue(publisher.tryEnqueue(text(LARGEST, i)));
      assertArrayEquals(text(LARGEST, i), subscriber.tryDequeue());
      assertTrue(publisher.tryEnqueue(text(100, i)));
      assertArrayEquals(text(100, i), subscriber.tryDequeue());
    }
  }

  @Test
  void C007_FullQueueIsResourceExhausted() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    for (int size : new int[] {0, 100, LARGEST}) {
      int in = 0;
      while (publisher.tryEnqueue(text(size, in))) {
        ++in;
      }
      assertTrue(in > 0);
      assertArrayEquals(text(size, 0), subscriber.tryDequeue());
      assertTrue(publisher.tryEnqueue(text(size, in)));
      for (int i = 1; i <= in; ++i) {
        assertArrayEquals(text(size, i), subscriber.tryDequeue());
      }
    }
  }

  @Test
  void C008_TooLargeMessageIsInvalidArgument() {
    Publisher publisher = openPublisher();
    byte[] large = text((int) publisher.maxMessageSize() + 1);
    assertCode(INVALID_ARGUMENT, () -> publisher.tryEnqueue(large));
    assertCode(INVALID_ARGUMENT, () -> publisher.enqueue(large));
    assertCode(INVALID_ARGUMENT, () -> publisher.tryEnqueue(ByteBuffer.wrap(large)));
    assertCode(INVALID_ARGUMENT, () -> publisher.tryReserve(large.length));
    assertCode(INVALID_ARGUMENT, () -> publisher.reserve(large.length));
    assertTrue(publisher.tryEnqueue(text((int) publisher.maxMessageSize())));
  }

  @Test
  void C009_SmallBufferIsOutOfRange() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    for (int size : new int[] {1, 48, 49, 600, LARGEST}) {
      assertTrue(publisher.tryEnqueue(text(size)));
      byte[] small = new byte[size - 1];
      ByteBuffer direct = ByteBuffer.allocateDirect(size - 1);
      MessageInfo info = new MessageInfo();
      for (int i = 0; i < 3; ++i) {
        assertThrows(
            BufferOverflowException.class,
            () -> subscriber.tryDequeue(small, 0, small.length, info));
        assertEquals(size, info.size());
      }
      assertThrows(BufferOverflowException.class, () -> subscriber.tryDequeue(small));
      assertThrows(
          BufferOverflowException.class, () -> subscriber.dequeue(small, Duration.ofSeconds(9)));
      assertThrows(BufferOverflowException.class, () -> subscriber.tryDequeue(direct));
      assertThrows(
          BufferOverflowException.class, () -> subscriber.dequeue(direct, Duration.ofSeconds(9)));
      assertEquals(0, direct.position());
      byte[] enough = new byte[size];
      assertEquals(size, subscriber.tryDequeue(enough));
      assertArrayEquals(text(size), enough);
      assertNull(subscriber.tryDequeue());
    }
  }

  @Test
  void C010_MessageHasAnyBytes() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    byte[] all = new byte[256];
    for (int i = 0; i < 256; ++i) {
      all[i] = (byte) i;
    }
    assertTrue(publisher.tryEnqueue(all));
    assertArrayEquals(all, subscriber.tryDequeue());
  }

  @Test
  void C011_BatchGoesInAsFarAsThereIsRoom() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    List<byte[]> batch = Collections.nCopies(5, text(1500));
    int in = publisher.tryEnqueueBatch(batch);
    assertTrue(in > 0 && in < 5, Integer.toString(in));
    assertEquals(0, publisher.tryEnqueueBatch(batch));
    for (int i = 0; i < in; ++i) {
      assertArrayEquals(text(1500), subscriber.tryDequeue());
    }
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void C012_BatchWithATooLargeMessagePutsNone() {
    Publisher publisher = openPublisher();
    assertCode(
        INVALID_ARGUMENT,
        () -> publisher.tryEnqueueBatch(Arrays.asList(bytes("x"), text(CAPACITY + 1))));
    assertNull(openSubscriber().tryDequeue());
  }

  @Test
  void C013_EmptyBatchIsZero() {
    Publisher publisher = openPublisher();
    assertEquals(0, publisher.tryEnqueueBatch(List.of()));
    assertTrue(publisher.tryEnqueue(bytes("x")));
    Subscriber subscriber = openSubscriber();
    assertEquals(0, subscriber.tryDequeueBatch(0, message -> fail()));
    assertEquals("x", string(subscriber.tryDequeue()));
  }

  @Test
  void C014_BatchIsTakenInOrder() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    List<byte[]> batch = Arrays.asList(text(10), text(0), text(100));
    assertEquals(3, publisher.tryEnqueueBatch(batch));
    List<byte[]> taken = new ArrayList<>();
    assertEquals(
        3,
        subscriber.tryDequeueBatch(
            10,
            message -> {
              taken.add(message.toByteArray());
              assertEquals(0, message.earlierDeliveries());
            }));
    for (int i = 0; i < 3; ++i) {
      assertArrayEquals(batch.get(i), taken.get(i));
    }
  }

  @Test
  void C015_BatchTakesAtMostMax() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    for (int i = 0; i < 5; ++i) {
      assertTrue(publisher.tryEnqueue(bytes(Integer.toString(i))));
    }
    int[] calls = new int[1];
    assertEquals(3, subscriber.tryDequeueBatch(3, message -> ++calls[0]));
    assertEquals(3, calls[0]);
    assertEquals("3", string(subscriber.tryDequeue()));
  }

  @Test
  void C016_BatchOfAnEmptyQueueIsUnavailable() {
    assertEquals(0, openSubscriber().tryDequeueBatch(3, message -> fail()));
  }

  @Test
  void C017_CompetingSubscribersTakeEachMessageOnce() throws Exception {
    int messages = 4000;
    AtomicIntegerArray seen = new AtomicIntegerArray(messages);
    AtomicInteger left = new AtomicInteger(messages);
    List<Background> threads = new ArrayList<>();
    for (int s = 0; s < 3; ++s) {
      Subscriber subscriber = openSubscriber();
      threads.add(
          new Background(
              () -> {
                int last = -1;
                while (left.get() > 0) {
                  byte[] message = subscriber.dequeue(Duration.ofMillis(10));
                  if (message == null) {
                    continue;
                  }
                  int number = Integer.parseInt(string(message).trim());
                  assertTrue(number > last);
                  last = number;
                  seen.incrementAndGet(number);
                  left.decrementAndGet();
                }
              }));
    }
    Publisher publisher = openPublisher();
    for (int i = 0; i < messages; ++i) {
      publisher.enqueue(bytes(i + " ".repeat(i % 90)));
    }
    threads.forEach(Background::join);
    for (int i = 0; i < messages; ++i) {
      assertEquals(1, seen.get(i));
    }
  }

  @Test
  void C018_SeveralPublishersEachKeepTheirOrder() throws Exception {
    int publishers = 3;
    int messages = 2000;
    Subscriber subscriber = openSubscriber();
    List<Background> threads = new ArrayList<>();
    for (int p = 0; p < publishers; ++p) {
      int number = p;
      threads.add(
          new Background(
              () -> {
                try (Publisher publisher = Publisher.open(options().build())) {
                  for (int i = 0; i < messages; ++i) {
                    publisher.enqueue(bytes(number + ":" + i + " ".repeat((number + i) % 100)));
                  }
                }
              }));
    }
    int[] next = new int[publishers];
    for (int i = 0; i < publishers * messages; ++i) {
      String[] parts = string(subscriber.dequeue()).trim().split(":");
      assertEquals(next[Integer.parseInt(parts[0])]++, Integer.parseInt(parts[1]));
    }
    threads.forEach(Background::join);
  }

  @Test
  void C019_RingGoesRoundManyTimes() {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    int in = 0;
    int out = 0;
    while (out < 20000) {
      while (publisher.tryEnqueue(text(size(in), in))) {
        ++in;
      }
      for (int until = out + 1 + in % (in - out); out < until; ++out) {
        assertArrayEquals(text(size(out), out), subscriber.tryDequeue());
      }
    }
  }

  private static int size(int i) {
    return Integer.remainderUnsigned(i * (int) 2654435761L, 1200);
  }

  @Test
  void C020_MessageWaitsForALaterSubscriber() {
    assertTrue(openPublisher().tryEnqueue(bytes("early")));
    assertEquals("early", string(openSubscriber().tryDequeue()));
  }
}
