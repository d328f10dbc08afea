package io.interprocess.tests;

import io.interprocess.BorrowedMessage;
import io.interprocess.Publisher;
import io.interprocess.QueueOptions;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/** Peer publish|subscribe DIRECTORY COUNT: the Java side of InteropTest; peer.cc is the other. */
final class Peer {
  static final int CAPACITY = 65536;

  private Peer() {}

  static QueueOptions options(Path directory) {
    return QueueOptions.builder("queue").directory(directory).capacity(CAPACITY).build();
  }

  static int size(int i) {
    if (i % 100 == 0) {
      return CAPACITY;
    }
    return i % 100 == 1 ? 0 : Integer.remainderUnsigned(i * (int) 2654435761L, 3000);
  }

  static byte[] message(int i) {
    byte[] text = new byte[size(i)];
    for (int j = 0; j < text.length; ++j) {
      text[j] = (byte) (i * 31 + j * 7 + j / 251);
    }
    return text;
  }

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[1]);
    int count = Integer.parseInt(args[2]);
    if (args[0].equals("publish")) {
      publish(directory, count);
    } else {
      subscribe(directory, count);
    }
  }

  /** In every way that there is, in turn. */
  private static void publish(Path directory, int count) throws Exception {
    ByteBuffer direct = ByteBuffer.allocateDirect(CAPACITY);
    try (Publisher publisher = Publisher.open(options(directory))) {
      for (int i = 0; i < count; ++i) {
        byte[] message = message(i);
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
              room.commit();
            }
        }
      }
    }
  }

  private static void subscribe(Path directory, int count) throws Exception {
    byte[] array = new byte[CAPACITY];
    ByteBuffer direct = ByteBuffer.allocateDirect(CAPACITY);
    int[] next = new int[1];
    try (Subscriber subscriber = Subscriber.open(options(directory))) {
      while (next[0] < count) {
        switch (next[0] % 5) {
          case 0:
            check(next[0]++, subscriber.dequeue());
            break;
          case 1:
            int size = subscriber.dequeue(array, Duration.ofMinutes(5));
            check(next[0]++, Arrays.copyOf(array, size));
            break;
          case 2:
            subscriber.dequeue(direct.clear(), Duration.ofMinutes(5));
            byte[] copy = new byte[direct.flip().remaining()];
            direct.get(copy);
            check(next[0]++, copy);
            break;
          case 3:
            try (BorrowedMessage message = subscriber.borrow()) {
              check(next[0]++, message.toByteArray());
              message.acknowledge();
            }
            break;
          default:
            subscriber.drain(
                message -> check(next[0]++, message.toByteArray()), 3, Duration.ofMinutes(5));
        }
      }
      if (subscriber.tryDequeue() != null) {
        throw new AssertionError("there are more messages");
      }
    }
  }

  private static void check(int i, byte[] message) {
    if (!Arrays.equals(message, message(i))) {
      throw new AssertionError("message " + i + " differs");
    }
  }
}
