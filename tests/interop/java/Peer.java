// SPDX-License-Identifier: MIT

import io.interprocess.BorrowedMessage;
import io.interprocess.Protocol;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueOptions;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;

/** The Java peer of the interop tests: its command line is that of ../reference/peer.py. */
final class Peer {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Map<String, Protocol> PROTOCOLS =
      Map.of(
          "native", Protocol.NATIVE,
          "cloudtoid2", Protocol.CLOUDTOID_V2,
          "cloudtoid3", Protocol.CLOUDTOID_V3,
          "cloudtoid2-fork", Protocol.CLOUDTOID_V2_FORK);

  private Peer() {}

  private static byte[] message(int index, int largest) {
    int mixed = index * (int) 2654435761L + 12345;
    mixed ^= mixed >>> 15;
    int size =
        index % 1000 == 999 ? largest : Integer.remainderUnsigned(mixed, Math.min(1000, largest));
    byte[] head = new byte[4];
    ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).putInt(index);
    byte[] text = Arrays.copyOf(head, size);
    for (int i = 4; i < size; ++i) {
      text[i] = (byte) (index * 7 + i - 4);
    }
    return text;
  }

  public static void main(String[] args) throws Exception {
    QueueOptions options =
        QueueOptions.builder(args[3])
            .directory(Path.of(args[2]))
            .protocol(PROTOCOLS.get(args[1]))
            .capacity(Long.parseLong(args[4]))
            .build();
    int count = Integer.parseInt(args[5]);
    switch (args[0]) {
      case "publish":
        try (Publisher publisher = Publisher.open(options)) {
          System.out.println("attached");
          publish(publisher, count);
          System.out.println("done");
          System.in.read();
        }
        break;
      case "subscribe":
        try (Subscriber subscriber = Subscriber.open(options)) {
          System.out.println("attached");
          subscribe(subscriber, count);
          System.out.println("done");
        }
        break;
      default:
        throw new IllegalArgumentException("publish or subscribe");
    }
  }

  /** In every way that there is, in turn. */
  private static void publish(Publisher publisher, int count) throws Exception {
    int largest = (int) publisher.maxMessageSize();
    ByteBuffer direct = ByteBuffer.allocateDirect(largest);
    for (int i = 0; i < count; ++i) {
      byte[] message = message(i, largest);
      switch (i % 3) {
        case 0:
          publisher.enqueue(message);
          break;
        case 1:
          publisher.enqueue(direct.clear().put(message).flip());
          break;
        default:
          try (Reservation room = publisher.reserve(message.length)) {
            room.put(0, message, 0, message.length);
            commit(room);
          }
      }
    }
  }

  /** Where a reservation holds no room, the commit may find none. */
  private static void commit(Reservation room) {
    while (true) {
      try {
        room.commit();
        return;
      } catch (QueueException e) {
        if (e.code() != QueueException.Code.RESOURCE_EXHAUSTED) {
          throw e;
        }
        Thread.yield();
      }
    }
  }

  /** In every way that there is, in turn. */
  private static void subscribe(Subscriber subscriber, int count) throws Exception {
    int largest = (int) subscriber.maxMessageSize();
    byte[] array = new byte[largest];
    ByteBuffer direct = ByteBuffer.allocateDirect(largest);
    int[] next = new int[1];
    while (next[0] < count) {
      switch (next[0] % 5) {
        case 0:
          check(next[0]++, largest, subscriber.dequeue());
          break;
        case 1:
          int size = subscriber.dequeue(array, LONG);
          check(next[0]++, largest, Arrays.copyOf(array, size));
          break;
        case 2:
          subscriber.dequeue(direct.clear(), LONG);
          byte[] copy = new byte[direct.flip().remaining()];
          direct.get(copy);
          check(next[0]++, largest, copy);
          break;
        case 3:
          try (BorrowedMessage message = subscriber.borrow()) {
            check(next[0]++, largest, message.toByteArray());
            message.acknowledge();
          }
          break;
        default:
          subscriber.dequeueBatch(
              3, message -> check(next[0]++, largest, message.toByteArray()), LONG);
      }
    }
    if (next[0] > count || subscriber.tryDequeue() != null) {
      throw new AssertionError("there are more messages");
    }
  }

  private static void check(int index, int largest, byte[] message) {
    if (!Arrays.equals(message, message(index, largest))) {
      throw new AssertionError("message " + index + " differs");
    }
  }
}
