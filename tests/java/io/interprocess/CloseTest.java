// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What closing says when the queue cannot be removed. */
class CloseTest {
  @TempDir Path directory;

  /** Holds the directory's lock, as a process that makes a queue does while it is stopped. */
  private Process lockDirectory() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/flock")), "flock(1) is not installed");
    Process process =
        new ProcessBuilder(
                "/usr/bin/flock", directory.toString(), "sh", "-c", "echo locked; read end || true")
            .start();
    assertEquals("locked", process.inputReader().readLine());
    return process;
  }

  @Test
  void closeTellsOnceThatTheQueueStays() throws Exception {
    QueueOptions options = QueueOptions.builder("queue").directory(directory).build();
    Publisher publisher = Publisher.open(options);
    Subscriber subscriber = Subscriber.open(options);
    publisher.close(); // not the last: nothing is to be removed
    Process holder = lockDirectory();
    QueueException e = assertThrows(QueueException.class, subscriber::close);
    assertEquals(QueueException.Code.UNAVAILABLE, e.code());
    assertTrue(e.getMessage().contains("lock directory '" + directory), e.getMessage());
    subscriber.close();
    assertTrue(subscriber.toString().endsWith("closed]"), subscriber.toString());
    holder.getOutputStream().close();
    holder.waitFor();
    QueueRegistry.remove(options);
  }

  @Test
  void endOfABlockTells() throws Exception {
    QueueOptions options = QueueOptions.builder("queue").directory(directory).build();
    Process[] holder = new Process[1];
    QueueException e =
        assertThrows(
            QueueException.class,
            () -> {
              try (Publisher publisher = Publisher.open(options)) {
                holder[0] = lockDirectory();
                assertTrue(publisher.toString().startsWith("Publisher"));
              }
            });
    assertEquals(QueueException.Code.UNAVAILABLE, e.code());
    holder[0].getOutputStream().close();
    holder[0].waitFor();
  }
}
