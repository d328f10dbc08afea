// SPDX-License-Identifier: MIT

package io.interprocess;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What objects and errors say of themselves, and the short ways to them. */
class TextsTest extends MisuseTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static void assertSays(Object object, String... parts) {
    for (String part : parts) {
      assertTrue(object.toString().contains(part), "no '" + part + "' in: " + object);
    }
  }

  @Test
  void objectsDescribeThemselves() throws Exception {
    String where = "name=queue, directory=" + directory + ", protocol=NATIVE, capacity=4096";
    assertSays(options(), "QueueOptions[" + where, "mode=OPEN_OR_CREATE", "access=OWNER", "=1024");
    assertSays(QueueOptions.of("q"), "name=q, directory=default");
    assertEquals("Publisher[" + where + "]", publisher.toString());
    assertEquals("Subscriber[" + where + "]", subscriber.toString());
    assertTrue(publisher.tryEnqueue(new byte[7]));
    Files.write(directory.resolve("broken.ipq"), new byte[9]);
    try (QueueInspector inspector = QueueInspector.open(options())) {
      QueueReport report = inspector.report();
      assertSays(report, "QueueReport[name=queue", "ready=1", "readyBytes=7", "role=publisher");
      assertSays(
          report.participants().get(0),
          "Participant[id=",
          "processId=" + ProcessHandle.current().pid(),
          "alive=true");
      assertEquals("QueueInspector[name=queue]", inspector.toString());
      inspector.close();
      assertEquals("QueueInspector[name=queue, closed]", inspector.toString());
    }
    List<QueueRegistry.Entry> entries = QueueRegistry.list(directory);
    assertSays(entries.get(0), "Entry[name=broken", "problem=DATA_LOSS: ");
    assertSays(entries.get(1), "Entry[name=queue", "capacity=4096", "queue.ipq");
    MessageInfo info = new MessageInfo();
    assertEquals(7, subscriber.tryDequeue(new byte[9], 0, 9, info));
    assertEquals(
        "MessageInfo[size=7, earlierDeliveries=0, redelivered=false, position=0]", info.toString());
    publisher.close();
    assertEquals("Publisher[" + where + ", closed]", publisher.toString());
  }

  @Test
  void useAfterCloseNamesTheQueue() {
    WaitAny any = new WaitAny(List.of(subscriber));
    Receiver receiver = new Receiver(subscriber, Runnable::run);
    QueueInspector inspector = QueueInspector.open(options());
    Reservation room = publisher.tryReserve(1);
    publisher.close();
    subscriber.close();
    receiver.close();
    inspector.close();
    Executable[] calls = {
      () -> publisher.tryEnqueue(new byte[1]),
      () -> publisher.tryEnqueue(new byte[1000]),
      () -> publisher.enqueue(new byte[1]),
      () -> publisher.enqueue(ByteBuffer.allocateDirect(9), SECOND),
      () -> publisher.tryEnqueueBatch(List.of(new byte[1])),
      () -> publisher.tryReserve(1),
      () -> publisher.reserve(1),
      room::commit,
      room::commit, // it is aborted by now
      subscriber::tryDequeue,
      subscriber::dequeue,
      () -> subscriber.tryDequeue(new byte[1]),
      () -> subscriber.dequeue(new byte[1], SECOND),
      () -> subscriber.dequeue(ByteBuffer.allocateDirect(9), SECOND),
      subscriber::tryBorrow,
      subscriber::borrow,
      () -> subscriber.tryDequeueBatch(1, message -> {}),
      () -> subscriber.dequeueBatch(1, message -> {}, SECOND),
      () -> any.dequeueBatch(1, (each, message) -> {}, SECOND),
      receiver::receive,
      () -> receiver.receiveAll(message -> {}),
      inspector::report,
      inspector::repair,
    };
    for (int i = 0; i < calls.length; ++i) {
      QueueException e = assertThrows(QueueException.class, calls[i], "call " + i);
      assertEquals(QueueException.Code.FAILED_PRECONDITION, e.code());
      assertSays(e, "queue 'queue': the ");
    }
  }

  @Test
  void smallBufferSaysTheSizeThatIsNeeded() {
    for (int size : new int[] {5, 600}) {
      assertTrue(publisher.tryEnqueue(new byte[size]));
      Executable[] calls = {
        () -> subscriber.tryDequeue(new byte[4]),
        () -> subscriber.tryDequeue(new byte[9], 2, 4, null),
        () -> subscriber.dequeue(new byte[4], SECOND),
        () -> subscriber.dequeue(new byte[9], 1, 4, SECOND, new MessageInfo()),
        () -> subscriber.tryDequeue(ByteBuffer.allocate(4)),
        () -> subscriber.tryDequeue(ByteBuffer.allocateDirect(4)),
        () -> subscriber.dequeue(ByteBuffer.allocate(4), SECOND),
        () -> subscriber.dequeue(ByteBuffer.allocateDirect(9).position(5), SECOND),
        () -> {
          try (BorrowedMessage message = subscriber.tryBorrow()) {
            message.copyTo(ByteBuffer.allocate(4));
          }
        },
      };
      for (Executable call : calls) {
        BufferOverflowException e = assertThrows(BufferOverflowException.class, call);
        assertEquals(
            "the message has " + size + " bytes, the buffer has room for 4", e.getMessage());
        assertEquals(size, ((BufferTooSmallException) e).neededSize());
      }
      assertEquals(size, subscriber.tryDequeue().length);
    }
  }

  @Test
  void defaultDirectoryNeedsNoArgument() {
    String name = "texts-java-" + ProcessHandle.current().pid();
    try (Publisher other = Publisher.open(name)) {
      try (QueueInspector inspector = QueueInspector.open(name)) {
        assertEquals(1, inspector.report().participants().size());
      }
      assertTrue(QueueRegistry.list().stream().anyMatch(entry -> entry.name().equals(name)));
      QueueRegistry.remove(name);
      assertTrue(QueueRegistry.list().stream().noneMatch(entry -> entry.name().equals(name)));
    }
    QueueRegistry.remove(options());
    assertThrows(QueueException.class, () -> QueueInspector.open(options()));
  }

  @Test
  void closedReceiverCancelsWhatWaitsAndLeavesTheMessages() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      Receiver receiver = new Receiver(subscriber, executor);
      CompletableFuture<byte[]> first = receiver.receive();
      assertTrue(publisher.tryEnqueue(new byte[1]));
      assertEquals(1, first.get().length);
      CompletableFuture<byte[]> one = receiver.receive();
      CompletableFuture<Void> all = receiver.receiveAll(message -> {});
      receiver.close();
      receiver.close();
      assertThrows(CancellationException.class, one::get);
      assertThrows(CancellationException.class, all::get);
    } finally {
      executor.shutdown();
      assertTrue(executor.awaitTermination(30, TimeUnit.SECONDS));
    }
    assertTrue(publisher.tryEnqueue(new byte[2]));
    assertEquals(2, subscriber.tryDequeue().length);
  }

  /** The program in Receiver's documentation ends though its executor has threads of its own. */
  @Test
  void exampleOfReceiverEnds() throws Exception {
    Children.Running example =
        Children.start(
            Children.java("io.interprocess.ReceiverExample", directory.toString()), directory);
    try (Publisher other =
        Publisher.open(QueueOptions.builder("greetings").directory(directory).build())) {
      other.enqueue(new byte[] {'h', 'i'});
      Children.Outcome outcome = example.end();
      assertEquals(0, outcome.code, outcome.output);
      assertEquals("hi\n", outcome.output);
    }
  }
}
