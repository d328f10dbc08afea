// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Names and paths that a locale cannot show, and texts that are none. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class NamesTest {
  @TempDir Path directory;

  /** Sends a message to a queue by the tool, whose name a shell makes of octal escapes. */
  private void send(String name, Path queues) throws Exception {
    Children.start(
            new ProcessBuilder(
                "sh",
                "-c",
                "echo hello | \"$0\" send \"$(printf '"
                    + name
                    + "')\" --dir \"$(printf '%b' \"$1\")\"",
                Children.program("IPQ"),
                escaped(queues)),
            directory)
        .endsWell();
  }

  /** The path for the shell's printf, whatever this JVM's locale. */
  private static String escaped(Path path) {
    StringBuilder text = new StringBuilder();
    for (byte each : Text.bytes(path)) {
      text.append(String.format("\\0%03o", each & 0xff));
    }
    return text.toString();
  }

  @Test
  void everyNameIsListedAndReportedInEveryLocale() throws Exception {
    for (String folder : List.of("plain", "gr\u00fc\u00dfe")) {
      Path parent = Files.createTempDirectory(directory, "parent");
      Path queues = Text.path((parent + "/" + folder).getBytes(StandardCharsets.UTF_8));
      Files.createDirectory(queues);
      send("ascii", queues);
      send("gr\\303\\266\\303\\237e", queues); // UTF-8
      send("\\360\\235\\204\\236", queues); // UTF-8, four bytes
      send("latin-\\366", queues); // not UTF-8
      send("\\355\\240\\200", queues); // a surrogate, which is not UTF-8 either
      for (String locale : List.of("C", "POSIX", "C.UTF-8", "en_US.ISO-8859-1")) {
        ProcessBuilder names = Children.java("io.interprocess.Names");
        names.environment().put("LC_ALL", locale);
        names.directory(parent.toFile());
        names.command().replaceAll(NamesTest::absoluteClassPath);
        Children.Outcome outcome = Children.start(names, directory).end();
        assertEquals(0, outcome.code, locale + ": " + outcome.output);
        assertEquals("5 listed, 5 found, 3 inspected, 1 received\n", outcome.output, locale);
        send("ascii", queues);
      }
    }
  }

  private static String absoluteClassPath(String argument) {
    if (!argument.equals(System.getProperty("java.class.path"))) {
      return argument;
    }
    String[] entries = argument.split(":");
    return String.join(
        ":",
        Arrays.stream(entries).map(each -> Path.of(each).toAbsolutePath().toString()).toList());
  }

  @Test
  void pathsKeepTheirBytes() {
    for (byte[] bytes :
        new byte[][] {
          "/dev/shm/interprocess-0".getBytes(StandardCharsets.US_ASCII),
          "relative/\u00fc".getBytes(StandardCharsets.UTF_8),
          {'/', (byte) 0xff, '/', '%', '4', '1', ' ', '?', '#', (byte) 0x80},
          {(byte) 0xfe},
        }) {
      Path path = Text.path(bytes);
      assertEquals(bytes[0] == '/', path.isAbsolute());
      byte[] absolute = Text.bytes(path.toAbsolutePath());
      assertTrue(
          Arrays.equals(
              bytes, Arrays.copyOfRange(absolute, absolute.length - bytes.length, absolute.length)),
          path::toString);
    }
    assertEquals(0, Text.bytes(null).length);
  }

  @Test
  void loneSurrogatesAreRefusedByEveryCall() {
    for (String name :
        List.of("\ud800", "q\udc00", "\udc00\ud800", "\ud800\ud800\udc00", "x\udbff")) {
      QueueOptions options = QueueOptions.builder(name).directory(directory).build();
      QueueOptions account = QueueOptions.builder("q").directory(directory).account(name).build();
      Executable[] calls = {
        () -> Publisher.open(name),
        () -> Publisher.open(options),
        () -> Publisher.open(account),
        () -> Subscriber.open(name),
        () -> Subscriber.open(options),
        () -> Subscriber.open(account),
        () -> QueueInspector.open(name),
        () -> QueueInspector.open(options),
        () -> QueueInspector.open(name, directory),
        () -> QueueInspector.open(name, directory, Protocol.CLOUDTOID_V3),
        () -> QueueRegistry.remove(name),
        () -> QueueRegistry.remove(options),
        () -> QueueRegistry.remove(name, directory),
      };
      for (Executable call : calls) {
        QueueException e = assertThrows(QueueException.class, call);
        assertEquals(QueueException.Code.INVALID_ARGUMENT, e.code());
        assertTrue(e.getMessage().contains("lone surrogate at index "), e.getMessage());
      }
    }
    try (Publisher publisher =
        Publisher.open(QueueOptions.builder("q\ud83d\ude00").directory(directory).build())) {
      assertEquals("q\ud83d\ude00", QueueRegistry.list(directory).get(0).name());
    }
  }
}
