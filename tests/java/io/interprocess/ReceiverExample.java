// SPDX-License-Identifier: MIT

package io.interprocess;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** ReceiverExample DIRECTORY: the example in the documentation of Receiver, with that directory. */
final class ReceiverExample {
  private ReceiverExample() {}

  public static void main(String[] args) throws Exception {
    QueueOptions options = QueueOptions.builder("greetings").directory(Path.of(args[0])).build();
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (Subscriber subscriber = Subscriber.open(options);
        Receiver receiver = new Receiver(subscriber, executor)) {
      CompletableFuture<byte[]> message = receiver.receive();
      System.out.println(new String(message.get(), StandardCharsets.UTF_8));
    } finally {
      executor.shutdown(); // its threads would keep the program running
    }
  }
}
