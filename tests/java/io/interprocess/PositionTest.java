// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each call that takes a message tells its position. */
class PositionTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @TempDir Path directory;

  @Test
  void everyCallTellsIt() throws Exception {
    QueueOptions options =
        QueueOptions.builder("queue").directory(directory).capacity(1 << 20).build();
    try (Publisher publisher = Publisher.open(options);
        Subscriber subscriber = Subscriber.open(options)) {
      List<Long> positions = new ArrayList<>();
      MessageInfo info = new MessageInfo();
      // Small messages are copied on another way than large ones.
      for (int size : new int[] {8, 4000}) {
        for (int i = 0; i < 8; ++i) {
          assertTrue(publisher.tryEnqueue(new byte[size]));
        }
        subscriber.tryDequeue(new byte[size], 0, size, info);
        positions.add(info.position());
        subscriber.dequeue(new byte[size], 0, size, MINUTE, info);
        positions.add(info.position());
        subscriber.tryDequeue(ByteBuffer.allocateDirect(size), info);
        positions.add(info.position());
        subscriber.dequeue(ByteBuffer.allocateDirect(size), MINUTE, info);
        positions.add(info.position());
        try (BorrowedMessage message = subscriber.tryBorrow()) {
          positions.add(message.position());
          message.acknowledge();
        }
        try (BorrowedMessage message = subscriber.borrow(MINUTE)) {
          positions.add(message.position());
          message.acknowledge();
        }
        assertEquals(
            2, subscriber.tryDequeueBatch(9, message -> positions.add(message.position())));
      }
      for (int i = 0; i < positions.size(); ++i) {
        assertEquals(i, positions.get(i));
      }
      assertEquals(16, positions.size());
    }
  }

  @Test
  void waitsTellItToo() throws Exception {
    QueueOptions options = QueueOptions.builder("queue").directory(directory).build();
    try (Publisher publisher = Publisher.open(options);
        Subscriber subscriber = Subscriber.open(options)) {
      MessageInfo info = new MessageInfo();
      for (int i = 0; i < 3; ++i) {
        Thread sender = new Thread(() -> enqueueWhenAwaited(publisher));
        sender.start();
        if (i == 0) {
          subscriber.dequeue(new byte[8], 0, 8, MINUTE, info);
          assertEquals(0, info.position());
        } else if (i == 1) {
          subscriber.dequeue(ByteBuffer.allocateDirect(8), MINUTE, info);
          assertEquals(1, info.position());
        } else {
          try (BorrowedMessage message = subscriber.borrow()) {
            assertEquals(2, message.position());
          }
        }
        sender.join();
      }
      // Given back, it keeps its own.
      try (BorrowedMessage message = subscriber.tryBorrow()) {
        assertEquals(2, message.position());
        assertEquals(1, message.earlierDeliveries());
      }
    }
  }

  private void enqueueWhenAwaited(Publisher publisher) {
    try (QueueInspector inspector = QueueInspector.open("queue", directory)) {
      while (inspector.report().participants().stream().allMatch(p -> p.waitsFor().isEmpty())) {
        Thread.onSpinWait();
      }
    }
    publisher.tryEnqueue(new byte[8]);
  }
}
