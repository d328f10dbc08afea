// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of the library after its last use: nothing. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class LifetimeTest {
  @TempDir Path directory;

  /** Loads the test's classes and the library anew, as a container does for each program. */
  private static URLClassLoader container() throws IOException {
    List<URL> classPath = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      classPath.add(new File(entry).toURI().toURL());
    }
    return new URLClassLoader(classPath.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }

  private WeakReference<ClassLoader> deploy(String use, ExecutorService threads) throws Exception {
    try (URLClassLoader loader = container()) {
      Method run =
          loader
              .loadClass("io.interprocess.Webapp")
              .getDeclaredMethod("run", String.class, Path.class, ExecutorService.class);
      run.setAccessible(true);
      Path queues = Files.createTempDirectory(directory, "queues");
      run.invoke(null, use, queues, threads);
      return new WeakReference<>(loader);
    }
  }

  private static long mappedLibraries() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.contains("r-xp") && line.contains("libinterprocess_java"))
          .count();
    }
  }

  private static long cleanerThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("Cleaner-"))
        .count();
  }

  private static long entriesOf(String folder) {
    return new File(folder).list().length;
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void eventuallyCollected(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.holds()) {
      if (System.nanoTime() > end) {
        fail(what + " is still there");
      }
      System.gc();
      Thread.yield();
    }
  }

  @Test
  void classLoaderLibraryAndThreadGoThoughTheThreadsThatUsedThemLive() throws Exception {
    ThreadPoolExecutor threads = (ThreadPoolExecutor) Executors.newFixedThreadPool(3);
    // A thread that a program starts would hold the program's own class loader.
    threads.prestartAllCoreThreads();
    try {
      long libraries = mappedLibraries();
      long cleaners = cleanerThreads();
      for (Webapp.Use use : Webapp.Use.values()) {
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (int i = 0; i < 3; ++i) {
          loaders.add(deploy(use.name(), threads));
        }
        eventuallyCollected(
            "after " + use + ", a class loader",
            () -> loaders.stream().allMatch(loader -> loader.get() == null));
        eventuallyCollected(
            "after " + use + ", a native library", () -> mappedLibraries() == libraries);
        eventuallyCollected("after " + use + ", a thread", () -> cleanerThreads() == cleaners);
      }
    } finally {
      // The threads end after the library that they used was unmapped.
      threads.shutdown();
      assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void thousandOpensAndClosesLeaveNoHandleMappingThreadOrMemory() throws Exception {
    QueueOptions options =
        QueueOptions.builder("often").directory(directory).capacity(4096).build();
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    long handles = 0;
    long threads = 0;
    for (int i = 0; i < 1100; ++i) {
      if (i == 100) { // by then, the JVM has loaded and opened what it needs itself
        handles = entriesOf("/proc/self/fd");
        threads = entriesOf("/proc/self/task");
      }
      try (Publisher publisher = Publisher.open(options);
          Subscriber subscriber = Subscriber.open(options);
          QueueInspector inspector = QueueInspector.open(options)) {
        publisher.enqueue(new byte[9]);
        assertEquals(1, inspector.report().ready());
        assertEquals(9, subscriber.dequeue(Duration.ofSeconds(9)).length);
        assertEquals(
            0,
            new WaitAny(List.of(subscriber))
                .dequeueBatch(1, (each, message) -> {}, Duration.ofNanos(1)));
      }
    }
    assertEquals(0, entriesOf(directory.toString()));
    long before = handles;
    eventuallyCollected("a handle", () -> entriesOf("/proc/self/fd") <= before);
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      assertEquals(List.of(), lines.filter(line -> line.contains("often.ipq")).toList());
    }
    // The compiler's threads come and go: at most as many as there are of those.
    long most = threads + 2;
    eventuallyCollected("a thread", () -> entriesOf("/proc/self/task") <= most);
    // Those of this thread's staging, and of the test's own WaitAny objects none.
    eventuallyCollected("direct memory", () -> direct.getMemoryUsed() < 100_000);
  }
}
