// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How the native library is found, and what is said when it is not. Each try is a JVM. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LoaderTest {
  private static final String NATIVE =
      "/io/interprocess/native/linux-x86_64/libinterprocess_java.so";
  private static final String LOADED = "loaded\nloaded\n";

  @TempDir Path directory;
  private Path temp;
  private Path queues;

  @BeforeEach
  void makeFolders() throws IOException {
    temp = Files.createDirectory(directory.resolve("temp"));
    queues = Files.createDirectory(directory.resolve("queues"));
  }

  private List<String> flags(String... more) {
    List<String> flags =
        new ArrayList<>(List.of("-Djava.io.tmpdir=" + temp, "-Duser.home=" + directory + "/none"));
    flags.addAll(List.of(more));
    return flags;
  }

  private String load(List<String> flags) throws Exception {
    List<String> command = new ArrayList<>(flags);
    command.add("io.interprocess.Load");
    command.add(queues.toString());
    Children.Outcome outcome =
        Children.start(Children.java(command.toArray(new String[0])), directory).end();
    assertEquals(0, outcome.code, outcome.output);
    return outcome.output;
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> left = Files.list(temp)) {
      assertEquals(
          0, left.filter(path -> path.getFileName().toString().startsWith("interprocess")).count());
    }
  }

  private static void assertSays(String output, String... parts) {
    for (String part : parts) {
      assertTrue(output.contains(part), "no '" + part + "' in: " + output);
    }
    assertFalse(output.contains("loaded\n"), output);
  }

  private byte[] library() throws IOException {
    try (InputStream in = LoaderTest.class.getResourceAsStream(NATIVE)) {
      return in.readAllBytes();
    }
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  @Test
  void jarLeavesNothingBehind() throws Exception {
    for (int i = 0; i < 2; ++i) {
      assertEquals(LOADED, load(flags()));
      assertNothingLeft();
    }
  }

  @Test
  void whatKilledProcessesLeftIsRemoved() throws Exception {
    Path left = Files.createDirectory(temp.resolve("interprocess-java-left"));
    Files.write(left.resolve("lock"), new byte[0]);
    Files.write(left.resolve("libinterprocess_java.so"), new byte[9]);
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minusSeconds(100)));
    assertEquals(LOADED, load(flags()));
    assertNothingLeft();
    // A process that lives, and one that was killed.
    List<String> command = new ArrayList<>(flags());
    command.addAll(List.of("io.interprocess.Load", queues.toString(), "stay"));
    Children.Running running =
        Children.start(Children.java(command.toArray(new String[0])), directory);
    while (!running.text().equals(LOADED)) {
      assertTrue(running.process.isAlive(), running.text());
      Thread.onSpinWait();
    }
    running.process.destroyForcibly().waitFor();
    assertNothingLeft();
  }

  @Test
  void processesThatStartTogetherDoNotDisturbEachOther() throws Exception {
    List<Children.Running> running = new ArrayList<>();
    for (int i = 0; i < 8; ++i) {
      List<String> command = new ArrayList<>(flags());
      command.addAll(List.of("io.interprocess.Load", queues.toString()));
      running.add(Children.start(Children.java(command.toArray(new String[0])), directory));
    }
    for (Children.Running each : running) {
      assertEquals(LOADED, each.end().output);
    }
    assertNothingLeft();
  }

  @Test
  void propertyAndLibraryPathComeFirst() throws Exception {
    Path copy = write("libinterprocess_java.so", library());
    // No other place would do.
    String noTemp = "-Djava.io.tmpdir=/proc";
    assertEquals(LOADED, load(flags(noTemp, "-Dio.interprocess.library=" + copy)));
    assertEquals(LOADED, load(flags(noTemp, "-Djava.library.path=" + directory)));
  }

  @Test
  void everyPlaceIsToldWithItsReason() throws Exception {
    String output = load(flags("-Djava.io.tmpdir=/proc/none"));
    assertSays(
        output,
        "the system property io.interprocess.library: it is not set",
        "java.library.path: no interprocess_java in java.library.path",
        "the jar: to a copy in /proc/none: ",
        "NoSuchFileException");
    // The second attempt says the same.
    assertEquals(2, output.split("was not loaded", -1).length - 1);
  }

  /** Whatever is wrong with it: what else could be loaded is not what was asked for. */
  @Test
  void propertyThatCannotBeUsedFailsAndNothingElseIsTried() throws Exception {
    Path garbage = write("garbage.so", "no library".getBytes(StandardCharsets.UTF_8));
    Path good = write("libinterprocess_java.so", library());
    for (String file :
        List.of("/none/lib.so", "none.so", "", "/bin/ls", "/proc", garbage.toString())) {
      String output =
          load(flags("-Dio.interprocess.library=" + file, "-Djava.library.path=" + directory));
      assertSays(output, "the system property io.interprocess.library: ", file);
      assertFalse(output.contains("java.library.path"), output);
      assertFalse(output.contains("the jar"), output);
    }
    assertEquals(LOADED, load(flags("-Dio.interprocess.library=" + good)));
  }

  @Test
  void newerGlibcIsToldWhereItIsTheReason() throws Exception {
    byte[] newer = library();
    byte[] version = "GLIBC_2.30".getBytes(StandardCharsets.US_ASCII);
    int changed = 0;
    for (int i = 0; i + version.length < newer.length; ++i) {
      if (Arrays.equals(newer, i, i + version.length, version, 0, version.length)) {
        newer[i + 8] = '9';
        newer[i + 9] = '9';
        ++changed;
      }
    }
    assumeTrue(changed > 0, "this library needs no function of glibc 2.30");
    Path file = write("newer.so", newer);
    assertSays(
        load(flags("-Dio.interprocess.library=" + file)),
        "`GLIBC_2.99' not found",
        "(this library needs glibc 2.99 or later)");
  }

  /** A file that another class loader has loaded, which a JVM loads once. */
  @Test
  void propertyServesEveryClassLoader() throws Exception {
    Path copy = write("libinterprocess_java.so", library());
    List<String> command = new ArrayList<>(flags("-Dio.interprocess.library=" + copy));
    command.addAll(List.of("io.interprocess.LoadTwice", queues.toString()));
    Children.Outcome outcome =
        Children.start(Children.java(command.toArray(new String[0])), directory).end();
    assertEquals(LOADED + LOADED, outcome.output);
    assertNothingLeft();
  }

  @Test
  void unwritableTempFolderIsTold() throws Exception {
    assertSays(load(flags("-Djava.io.tmpdir=/proc")), "the jar: to a copy in /proc: ");
  }

  @Test
  void noexecTempFolderIsTold() throws Exception {
    // In a mount namespace of its own, where that is allowed.
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "-rm",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec none \"$0\" && exec \"$@\"",
                temp.toString()));
    List<String> flags = new ArrayList<>(flags());
    flags.addAll(List.of("io.interprocess.Load", queues.toString()));
    command.addAll(Children.java(flags.toArray(new String[0])).command());
    Children.Outcome outcome = Children.start(new ProcessBuilder(command), directory).end();
    assumeTrue(outcome.code == 0, () -> "no mount namespace here: " + outcome.output);
    assertSays(
        outcome.output,
        "the jar: " + temp,
        "failed to map segment from shared object (the file system of " + temp,
        "is probably mounted noexec: set -Djava.io.tmpdir to a folder of another one, or"
            + " -Dio.interprocess.library to the library's file there)");
    assertFalse(outcome.output.contains("glibc"), outcome.output);
    // Each of the two attempts says it once, with the file's name once.
    assertEquals(3, outcome.output.split("failed to map", -1).length, outcome.output);
    assertEquals(3, outcome.output.split("/libinterprocess_java.so: ", -1).length, outcome.output);
  }

  @Test
  void otherArchitectureIsTold() throws Exception {
    assertSays(load(flags("-Dos.arch=riscv64")), "it has no native/linux-riscv64/libinterp");
    byte[] foreign = library();
    foreign[18] = (byte) 0xb7; // e_machine: 64-bit Arm
    Path file = write("foreign.so", foreign);
    assertSays(
        load(flags("-Djava.io.tmpdir=/proc/none", "-Dio.interprocess.library=" + file)),
        "foreign.so: ");
  }

  @Test
  void garbageIsTold() throws Exception {
    Path file = write("garbage.so", "no library".getBytes(StandardCharsets.UTF_8));
    assertSays(
        load(flags("-Djava.io.tmpdir=/proc/none", "-Dio.interprocess.library=" + file)),
        "garbage.so: ");
  }

  @Test
  void otherVersionIsRefused() throws Exception {
    byte[] other = library();
    byte[] version = NativeLibrary.VERSION.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i + version.length < other.length; ++i) {
      if (Arrays.equals(other, i, i + version.length, version, 0, version.length)) {
        other[i] += 9;
      }
    }
    Path file = write("other.so", other);
    assertSays(
        load(flags("-Dio.interprocess.library=" + file)),
        "has version "
            + (char) (NativeLibrary.VERSION.charAt(0) + 9)
            + NativeLibrary.VERSION.substring(1)
            + ", these classes need "
            + NativeLibrary.VERSION);
  }

  @Test
  void otherLibraryIsRefused() throws Exception {
    Path file = directory.resolve("libjimage.so");
    Files.copy(Path.of(System.getProperty("java.home"), "lib", "libjimage.so"), file);
    assertSays(
        load(flags("-Dio.interprocess.library=" + file)),
        "what was loaded is no library of Interprocess");
  }

  @Test
  void checksumIsChecked() throws Exception {
    Path sum = directory.resolve("first" + NATIVE + ".sha256");
    Files.createDirectories(sum.getParent());
    Files.writeString(sum, "0".repeat(64));
    // Before the jar on the class path.
    List<String> command = new ArrayList<>(flags());
    command.addAll(
        List.of("-cp", directory.resolve("first") + ":" + System.getProperty("java.class.path")));
    assertSays(load(command), "has the sha256", "and should have " + "0".repeat(64));
  }
}
