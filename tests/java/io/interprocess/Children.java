// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Processes that tests start. */
final class Children {
  private Children() {}

  /** What a child said, and how it ended. */
  static final class Outcome {
    final int code;
    final String output;

    Outcome(int code, String output) {
      this.code = code;
      this.output = output;
    }
  }

  /** A JVM with this one's class path. */
  static ProcessBuilder java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /** A program that the build gives the test, by the name of its environment variable. */
  static String program(String variable) {
    return new File(System.getenv(variable)).getAbsolutePath();
  }

  static Running start(ProcessBuilder builder, Path directory) throws IOException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    return new Running(
        builder.redirectErrorStream(true).redirectOutput(output.toFile()).start(), output);
  }

  /** A process whose output goes to a file. */
  static final class Running {
    final Process process;
    private final Path output;

    Running(Process process, Path output) {
      this.process = process;
      this.output = output;
    }

    Outcome end() throws Exception {
      assertTrue(process.waitFor(180, TimeUnit.SECONDS), "it hangs: " + text());
      return new Outcome(process.exitValue(), text());
    }

    void endsWell() throws Exception {
      Outcome outcome = end();
      assertEquals(0, outcome.code, outcome.output);
    }

    String text() throws IOException {
      return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    }
  }
}
