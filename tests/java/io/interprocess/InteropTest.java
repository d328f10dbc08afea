// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Java with the tool, and with JVMs that are killed. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class InteropTest {
  @TempDir Path directory;

  /** A text of 108,000 lines, some empty, in several scripts. */
  private static List<byte[]> lines() {
    List<byte[]> lines = new ArrayList<>();
    for (int i = 0; i < 108_000; ++i) {
      String line =
          "line " + i + ": grüße, 世界 𝄞 " + "abc ".repeat(i % 37) + (i % 11 == 0 ? "\t" : "");
      lines.add(i % 13 == 0 ? new byte[0] : line.getBytes(StandardCharsets.UTF_8));
    }
    return lines;
  }

  private static byte[] joined(List<byte[]> lines) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      text.writeBytes(line);
      text.write('\n');
    }
    return text.toByteArray();
  }

  @Test
  void textGoesFromTheToolToJava() throws Exception {
    List<byte[]> lines = lines();
    Path file = directory.resolve("text");
    Files.write(file, joined(lines));
    try (Subscriber subscriber =
        Subscriber.open(QueueOptions.builder("text").directory(directory).build())) {
      Children.Running tool =
          Children.start(
              new ProcessBuilder(
                      Children.program("IPQ"), "send", "text", "--dir", directory.toString())
                  .redirectInput(file.toFile()),
              directory);
      for (byte[] line : lines) {
        assertArrayEquals(line, subscriber.dequeue(Duration.ofMinutes(2)));
      }
      tool.endsWell();
    }
  }

  @Test
  void textGoesFromJavaToTheTool() throws Exception {
    List<byte[]> lines = lines();
    Path file = directory.resolve("received");
    QueueOptions options = QueueOptions.builder("text").directory(directory).build();
    try (Publisher publisher = Publisher.open(options)) {
      Process tool =
          new ProcessBuilder(
                  Children.program("IPQ"),
                  "recv",
                  "text",
                  "--dir",
                  directory.toString(),
                  "--follow",
                  "--count",
                  Integer.toString(lines.size()))
              .redirectOutput(file.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      for (byte[] line : lines) {
        publisher.enqueue(line);
      }
      assertTrue(tool.waitFor(2, TimeUnit.MINUTES));
      assertEquals(0, tool.exitValue());
    }
    assertArrayEquals(joined(lines), Files.readAllBytes(file));
  }

  @Test
  void killedJvmLosesNothingCommitted() throws Exception {
    for (int round = 0; round < 3; ++round) {
      Children.Running publisher =
          Children.start(Children.java("io.interprocess.Flood", directory.toString()), directory);
      QueueOptions options = Flood.options(directory).build();
      int next = 0;
      try (Subscriber subscriber = Subscriber.open(options)) {
        while (publisher.process.isAlive()) {
          byte[] message = subscriber.dequeue(Duration.ofMillis(100));
          if (message == null) {
            continue;
          }
          // Each that was committed is there, whole, in order.
          assertArrayEquals(Flood.message(next), message);
          if (++next == 20_000) {
            publisher.process.destroyForcibly();
          }
        }
        assertTrue(next >= 20_000, publisher.text());
        for (byte[] message; (message = subscriber.dequeue(Duration.ofSeconds(1))) != null; ) {
          assertArrayEquals(Flood.message(next++), message);
        }
        // What it had told of before its death is among them.
        String told = publisher.text();
        String[] lines = told.substring(0, told.lastIndexOf('\n')).split("\n");
        assertTrue(next >= Integer.parseInt(lines[lines.length - 1]), told);
      }
    }
  }

  @Test
  void messageOfAKilledSubscriberComesAgain() throws Exception {
    QueueOptions options = Flood.options(directory).build();
    try (Publisher publisher = Publisher.open(options);
        Subscriber subscriber = Subscriber.open(options)) {
      publisher.enqueue(new byte[] {42});
      Children.Running holder =
          Children.start(
              Children.java("io.interprocess.Flood", directory.toString(), "hold"), directory);
      while (!holder.text().contains("holding")) {
        assertTrue(holder.process.isAlive(), holder.text());
        Thread.onSpinWait();
      }
      holder.process.destroyForcibly().waitFor();
      MessageInfo info = new MessageInfo();
      byte[] buffer = new byte[1];
      assertEquals(1, subscriber.dequeue(buffer, 0, 1, Duration.ofSeconds(30), info));
      assertEquals(42, buffer[0]);
      assertTrue(info.redelivered());
      assertEquals(1, info.earlierDeliveries());
    }
  }

  @Test
  void corruptQueueFileIsDataLoss() throws Exception {
    Path file = directory.resolve("broken.ipq");
    byte[] garbage = new byte[1 << 16];
    Arrays.fill(garbage, (byte) 0x5a);
    Files.write(file, garbage);
    QueueOptions options = QueueOptions.builder("broken").directory(directory).build();
    for (int i = 0; i < 2; ++i) {
      boolean publisher = i == 0;
      QueueException e =
          assertThrows(
              QueueException.class,
              () -> {
                if (publisher) {
                  Publisher.open(options);
                } else {
                  Subscriber.open(options);
                }
              });
      assertEquals(QueueException.Code.DATA_LOSS, e.code(), e.getMessage());
      assertTrue(e.getMessage().contains("broken.ipq"), e.getMessage());
    }
    QueueRegistry.Entry entry = QueueRegistry.list(directory).get(0);
    assertEquals("broken", entry.name());
    assertEquals(QueueException.Code.DATA_LOSS, entry.problem().orElseThrow().code());
  }
}
