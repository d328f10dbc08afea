package io.interprocess.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import io.interprocess.OpenMode;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueInspector;
import io.interprocess.QueueOptions;
import io.interprocess.QueueReport;
import io.interprocess.Subscriber;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the cases of tests/conformance need in Java. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
abstract class ConformanceTest {
  static final int CAPACITY = 4096;

  @TempDir Path directory;
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  QueueOptions.Builder options() {
    return optionsIn(directory);
  }

  static QueueOptions.Builder optionsIn(Path directory) {
    return QueueOptions.builder("queue").directory(directory).capacity(CAPACITY);
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
    try (Subscriber subscriber =
        Subscriber.open(options().mode(OpenMode.OPEN_EXISTING).build())) {
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

  /** Waits until a call sleeps in that directory's queue. */
  static void awaitSomebodyWaits(Path directory) {
    eventually(
        () -> {
          try (QueueInspector inspector = QueueInspector.open("queue", directory)) {
            for (QueueReport.Participant participant : inspector.report().participants()) {
              if (!participant.waitsFor().isEmpty()) {
                return true;
              }
            }
            return false;
          }
        });
  }

  /** A thread whose failure is the test's. */
  static final class Background {
    private final Thread thread;
    private Throwable failure;

    Background(Executable body) {
      thread =
          new Thread(
              () -> {
                try {
                  body.execute();
                } catch (Throwable e) {
                  failure = e;
                }
              });
      thread.start();
    }

    Thread thread() {
      return thread;
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
