// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.interprocess.OpenMode;
import io.interprocess.Protocol;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueInspector;
import io.interprocess.QueueOptions;
import io.interprocess.QueueReport;
import io.interprocess.Subscriber;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the cases of tests/conformance need in Java. The system property {@code
 * conformance.protocol} says which protocol they run on; those that it cannot show are skipped.
 */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class ConformanceTest {
  static final int CAPACITY = 4096;

  /** By its name as {@code ipq --protocol} takes it. */
  static final String PROTOCOL_NAME = System.getProperty("conformance.protocol", "native");

  static final Protocol PROTOCOL =
      Map.of(
              "native", Protocol.NATIVE,
              "cloudtoid2", Protocol.CLOUDTOID_V2,
              "cloudtoid3", Protocol.CLOUDTOID_V3,
              "cloudtoid2-fork", Protocol.CLOUDTOID_V2_FORK)
          .get(PROTOCOL_NAME);
  static final boolean IS_NATIVE = PROTOCOL == Protocol.NATIVE;

  /** The largest message that an empty queue takes. */
  static final int LARGEST = IS_NATIVE ? CAPACITY : CAPACITY - 8;

  /** The other formats name their semaphore by the queue's name, whatever the directory. */
  private static final String NAME =
      IS_NATIVE ? "queue" : "queue-java-" + ProcessHandle.current().pid();

  private static final Path NOT_APPLICABLE = Path.of("tests/conformance/not_applicable.txt");

  @TempDir Path directory;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void skipWhatDoesNotApply(TestInfo test) throws IOException {
    String name = test.getTestMethod().orElseThrow().getName();
    for (String line : Files.readAllLines(NOT_APPLICABLE)) {
      String[] words = line.split(" ", 3);
      boolean applies = !words[1].equals(PROTOCOL_NAME) || !name.startsWith(words[0]);
      assumeTrue(applies, () -> name + " is not of " + PROTOCOL_NAME + ": " + words[2]);
    }
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    if (PROTOCOL == Protocol.CLOUDTOID_V2_FORK) {
      // Nobody else removes the fork's.
      Files.deleteIfExists(Path.of("/dev/shm/sem.ct.ip." + NAME));
    }
  }

  QueueOptions.Builder options() {
    return optionsIn(directory);
  }

  static QueueOptions.Builder optionsIn(Path directory) {
    return QueueOptions.builder(NAME).directory(directory).capacity(CAPACITY).protocol(PROTOCOL);
  }

  Publisher openPublisher() {
    return closing(Publisher.open(options().build()));
  }

  Subscriber openSubscriber() {
    return closing(Subscriber.open(options().build()));
  }

  <T extends AutoCloseable> T closing(T endpoint) {
    opened.add(endpoint);
    return endpoint;
  }

  boolean hasQueue() {
    try (Subscriber subscriber = Subscriber.open(options().mode(OpenMode.OPEN_EXISTING).build())) {
      return true;
    } catch (QueueException e) {
      assertEquals(QueueException.Code.NOT_FOUND, e.code());
      return false;
    }
  }

  /** So many bytes that tell it from other messages and places. */
  static byte[] text(int size, int seed) {
    byte[] text = new byte[size];
    for (int i = 0; i < size; ++i) {
      text[i] = (byte) (seed * 31 + i * 7 + i / 251);
    }
    return text;
  }

  static byte[] text(int size) {
    return text(size, 0);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String string(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  static void assertCode(QueueException.Code code, Executable call) {
    QueueException e = assertThrows(QueueException.class, call);
    assertEquals(code, e.code(), e.getMessage());
  }

  static void eventually(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("it did not come to pass within half a minute");
      }
      Thread.onSpinWait();
    }
  }

  /** Waits until that thread, which makes a call of that directory's queue, sleeps in it. */
  static void awaitWait(OsThread thread, Path directory) {
    if (!IS_NATIVE) {
      eventually(thread::sleeps); // the other formats do not tell who waits
      return;
    }
    eventually(
        () -> {
          try (QueueInspector inspector = QueueInspector.open(NAME, directory)) {
            for (QueueReport.Participant participant : inspector.report().participants()) {
              if (!participant.waitsFor().isEmpty()) {
                return true;
              }
            }
            return false;
          }
        });
  }

  /** A thread as the system sees it. */
  static final class OsThread {
    private final Path stat;
    private final Thread thread;

    private OsThread(Path stat, Thread thread) {
      this.stat = stat;
      this.thread = thread;
    }

    static OsThread current() throws IOException {
      Path self = Files.readSymbolicLink(Path.of("/proc/thread-self"));
      return new OsThread(Path.of("/proc").resolve(self).resolve("stat"), Thread.currentThread());
    }

    /** In native code: for the JVM it runs, for the system it does not. */
    boolean sleeps() {
      try {
        // The state follows the thread's name, which is in parentheses.
        String text = Files.readString(stat);
        return thread.getState() == Thread.State.RUNNABLE
            && text.startsWith(") S", text.lastIndexOf(')'));
      } catch (IOException e) {
        return false; // it has ended
      }
    }
  }

  /** A thread whose failure is the test's. */
  static final class Background {
    private final Thread thread;
    private final CompletableFuture<OsThread> osThread = new CompletableFuture<>();
    private Throwable failure;

    Background(Executable body) {
      thread =
          new Thread(
              () -> {
                try {
                  osThread.complete(OsThread.current());
                  body.execute();
                } catch (Throwable e) {
                  failure = e;
                  osThread.completeExceptionally(e);
                }
              });
      thread.start();
    }

    Thread thread() {
      return thread;
    }

    OsThread osThread() {
      return osThread.join();
    }

    void join() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      if (failure != null) {
        throw new AssertionError(failure);
      }
    }
  }
}
