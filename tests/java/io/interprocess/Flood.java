// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Flood DIRECTORY: publishes numbered messages until it is killed, and tells how many. Flood
 * DIRECTORY hold: borrows one, and holds it until it is killed.
 */
final class Flood {
  private Flood() {}

  static QueueOptions.Builder options(Path directory) {
    return QueueOptions.builder("flood").directory(directory).capacity(1 << 16);
  }

  static byte[] message(int i) {
    byte[] message = new byte[4 + i % 600];
    Arrays.fill(message, (byte) i);
    ByteBuffer.wrap(message).putInt(0, i);
    return message;
  }

  public static void main(String[] args) throws Exception {
    QueueOptions options = options(Path.of(args[0])).build();
    if (args.length > 1) {
      try (Subscriber subscriber = Subscriber.open(options);
          BorrowedMessage message = subscriber.borrow()) {
        System.out.println("holding " + message);
        Thread.sleep(Long.MAX_VALUE);
      }
    }
    System.out.println(0);
    try (Publisher publisher = Publisher.open(options)) {
      for (int i = 0; ; ++i) {
        publisher.enqueue(message(i));
        if (i % 1000 == 999) {
          System.out.println(i + 1);
        }
      }
    }
  }
}
