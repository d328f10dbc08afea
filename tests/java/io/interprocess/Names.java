// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Lists and inspects the queues of the one folder in the working directory, and takes the messages
 * of one. Prints how many there were, in ASCII. The folder is no argument, which would go through
 * the locale.
 */
final class Names {
  private Names() {}

  public static void main(String[] args) throws Exception {
    Path folder;
    try (Stream<Path> entries = Files.list(Path.of("").toAbsolutePath())) {
      folder = entries.findFirst().orElseThrow();
    }
    int found = 0;
    int inspected = 0;
    List<QueueRegistry.Entry> entries = QueueRegistry.list(folder);
    for (QueueRegistry.Entry entry : entries) {
      if (entry.problem().isPresent() || entry.toString().isEmpty()) {
        throw new AssertionError(entry);
      }
      found += Files.exists(entry.path()) ? 1 : 0;
      if (entry.name().contains("\ufffd")) {
        continue; // no text of Java's is that name
      }
      QueueOptions options = QueueOptions.builder(entry.name()).directory(folder).build();
      try (QueueInspector inspector = QueueInspector.open(options)) {
        QueueReport report = inspector.report();
        inspected += report.name().equals(entry.name()) && Files.exists(report.path()) ? 1 : 0;
      }
    }
    QueueOptions options = QueueOptions.builder("ascii").directory(folder).build();
    int received = 0;
    try (Subscriber subscriber = Subscriber.open(options)) {
      while (subscriber.tryDequeue() != null) {
        ++received;
      }
    }
    System.out.printf(
        "%d listed, %d found, %d inspected, %d received%n",
        entries.size(), found, inspected, received);
  }
}
