// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.File;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jars whose classes a program has moved to a package of its own. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RelocationTest {
  @TempDir Path directory;

  /** Moves every jar of the class path, the test's own classes among them. */
  private List<URL> moved(String to) throws Exception {
    List<URL> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (Files.isRegularFile(Path.of(entry))) {
        Path jar = Files.createTempFile(directory, "moved", ".jar");
        new Relocation(to).relocate(Path.of(entry), jar);
        jars.add(jar.toUri().toURL());
      }
    }
    return jars;
  }

  private static byte[] library() throws Exception {
    String resource =
        "native/" + NativeLibrary.platform() + "/" + System.mapLibraryName("interprocess_java");
    try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
      return in.readAllBytes();
    }
  }

  private void use(ClassLoader loader, String packageName) throws Exception {
    Class<?> webapp = loader.loadClass(packageName + ".Webapp");
    assertSame(loader, webapp.getClassLoader());
    Method run = webapp.getDeclaredMethod("run", String.class, Path.class, ExecutorService.class);
    run.setAccessible(true);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      for (Webapp.Use use : Webapp.Use.values()) {
        run.invoke(null, use.name(), Files.createTempDirectory(directory, "queues"), threads);
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void movedClassesWork() throws Exception {
    for (String to : List.of("com.acme.shaded", "a", "org.example.io.interprocess_1")) {
      try (URLClassLoader loader =
          new URLClassLoader(moved(to).toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
        use(loader, to);
      }
    }
  }

  @Test
  void severalCopiesWorkInOneClassLoader() throws Exception {
    List<URL> jars = moved("com.acme.one");
    jars.addAll(moved("com.acme.two"));
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      jars.add(new File(entry).toURI().toURL());
    }
    try (URLClassLoader loader =
        new URLClassLoader(jars.toArray(new URL[0]), ClassLoader.getPlatformClassLoader())) {
      use(loader, "com.acme.one");
      use(loader, "io.interprocess");
      use(loader, "com.acme.two");
    }
  }

  /** The property keeps its name, and its file serves each copy. */
  @Test
  void propertyServesCopiesInOneClassLoader() throws Exception {
    Path library = directory.resolve("lib.so");
    Files.write(library, library());
    List<String> classPath = new ArrayList<>();
    for (URL jar : moved("com.acme.one")) {
      classPath.add(Path.of(jar.toURI()).toString());
    }
    classPath.add(System.getProperty("java.class.path"));
    ProcessBuilder builder =
        Children.java(
            "-Dio.interprocess.library=" + library,
            "-Djava.io.tmpdir=" + directory,
            "io.interprocess.LoadBoth",
            Files.createDirectory(directory.resolve("queues")).toString());
    builder.command().set(2, String.join(File.pathSeparator, classPath));
    Children.Outcome outcome = Children.start(builder, directory).end();
    assertEquals("loaded\nloaded\nloaded\nloaded\n", outcome.output);
  }
}
