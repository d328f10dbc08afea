// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** A queue with a publisher and a subscriber, for those who use them wrongly. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class MisuseTest {
  @TempDir Path directory;
  Publisher publisher;
  Subscriber subscriber;

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

  QueueOptions options() {
    return QueueOptions.builder("queue").directory(directory).capacity(4096).build();
  }

  static void assertAll(Class<? extends Throwable> type, Executable... calls) {
    for (int i = 0; i < calls.length; ++i) {
      assertThrows(type, calls[i], "call " + i);
    }
  }
}
