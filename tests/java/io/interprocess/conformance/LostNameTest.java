// SPDX-License-Identifier: MIT

package io.interprocess.conformance;

import static io.interprocess.QueueException.Code.FAILED_PRECONDITION;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.interprocess.BorrowedMessage;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueRegistry;
import io.interprocess.Receiver;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import io.interprocess.WaitAny;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Queues whose file is deleted or moved by something that knows nothing of queues. */
class LostNameTest extends ConformanceTest {
  private static final byte[] BYTE = {1};

  /** The queue's file. */
  private Path file() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(path -> path.toString().endsWith(".ipq") || path.toString().endsWith(".qu"))
          .findAny()
          .orElseThrow();
    }
  }

  private void assertLost(Throwable error) {
    QueueException lost = assertInstanceOf(QueueException.class, error);
    assertEquals(FAILED_PRECONDITION, lost.code(), lost.getMessage());
    assertTrue(lost.getMessage().contains(directory.toString()), lost.getMessage());
    assertTrue(lost.getMessage().contains("RemoveIPC"), lost.getMessage());
  }

  private void assertLost(Executable call) {
    assertLost(assertThrows(QueueException.class, call));
  }

  /** Calls until the call throws. */
  private void assertLostSoon(Executable call) {
    eventually(
        () -> {
          try {
            call.execute();
            return false;
          } catch (Throwable e) {
            assertLost(e);
            return true;
          }
        });
  }

  @Test
  void C055_LostNameEndsCalls() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    Files.delete(file());
    assertLostSoon(() -> publisher.tryEnqueue(BYTE));
    assertLostSoon(subscriber::tryDequeue);
    for (int i = 0; i < 2; ++i) {
      assertLost(() -> publisher.tryEnqueue(BYTE));
      assertLost(() -> publisher.enqueue(BYTE));
      assertLost(() -> publisher.tryReserve(1));
      assertLost(() -> publisher.reserve(1));
      assertLost(subscriber::tryDequeue);
      assertLost(subscriber::dequeue);
      assertLost(() -> subscriber.tryDequeue(new byte[9]));
      assertLost(subscriber::tryBorrow);
      assertLost(subscriber::borrow);
      assertLost(() -> subscriber.tryDequeueBatch(1, message -> {}));
    }
  }

  @Test
  void C056_LostNameEndsWaits() throws Exception {
    Publisher publisher = openPublisher();
    assertTrue(publisher.tryEnqueue(text(LARGEST)));
    Background enqueue = new Background(() -> assertLost(() -> publisher.enqueue(text(LARGEST))));
    awaitWait(enqueue.osThread(), directory);
    Files.delete(file());
    enqueue.join();

    Publisher another = openPublisher();
    assertTrue(another.tryEnqueue(text(LARGEST)));
    Background reserve = new Background(() -> assertLost(() -> another.reserve(LARGEST)));
    awaitWait(reserve.osThread(), directory);
    Files.delete(file());
    reserve.join();

    List<Background> waits = new ArrayList<>();
    Subscriber[] subscribers = {openSubscriber(), openSubscriber(), openSubscriber()};
    waits.add(new Background(() -> assertLost(subscribers[0]::dequeue)));
    waits.add(new Background(() -> assertLost(subscribers[1]::borrow)));
    waits.add(
        new Background(
            () ->
                assertLost(
                    () -> subscribers[2].dequeueBatch(1, message -> {}, Duration.ofSeconds(60)))));
    for (Background wait : waits) {
      eventually(wait.osThread()::sleeps);
    }
    Files.delete(file());
    waits.forEach(Background::join);
  }

  @Test
  void C057_NameThatLeadsElsewhereIsLost() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    Files.delete(file());
    Publisher another = openPublisher();
    assertLostSoon(() -> publisher.tryEnqueue(BYTE));
    assertLostSoon(subscriber::tryDequeue);
    assertTrue(another.tryEnqueue(BYTE));
    assertArrayEquals(BYTE, openSubscriber().tryDequeue());
    Files.move(file(), directory.resolve("moved"));
    assertLostSoon(() -> another.tryEnqueue(BYTE));
  }

  @Test
  void C058_MessagesInPlaceOutliveTheName() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertTrue(publisher.tryEnqueue(bytes("held")));
    Reservation room = publisher.tryReserve(1);
    room.put(0, (byte) 1);
    try (BorrowedMessage held = subscriber.tryBorrow()) {
      Files.delete(file());
      assertLostSoon(
          () -> {
            Reservation other = publisher.tryReserve(1);
            if (other != null) {
              other.close();
            }
          });
      assertLostSoon(subscriber::tryDequeue);
      assertEquals("held", string(held.toByteArray()));
      held.acknowledge();
    }
    room.commit();
    subscriber.drainNameless();
    subscriber.tryBorrow().close(); // gives back
    assertArrayEquals(BYTE, subscriber.tryDequeue());
  }

  @Test
  void C059_NamelessQueueIsDrainedOnRequest() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    for (String text : List.of("1", "2", "3")) {
      assertTrue(publisher.tryEnqueue(bytes(text)));
    }
    Files.delete(file());
    subscriber.drainNameless();
    assertEquals("1", string(subscriber.tryDequeue()));
    assertEquals("2", string(subscriber.dequeue()));
    assertEquals(1, subscriber.tryDequeueBatch(9, message -> {}));
    assertNull(subscriber.tryDequeue());
    assertLost(subscriber::dequeue);
    assertNull(subscriber.tryDequeue());
  }

  @Test
  void C060_SoundQueueIsNotDrained() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    assertCode(FAILED_PRECONDITION, subscriber::drainNameless);
    assertTrue(publisher.tryEnqueue(BYTE));
    assertArrayEquals(BYTE, subscriber.dequeue());
  }

  @Test
  void C061_RemovedQueueGoesOnWithoutItsName() throws Exception {
    Publisher publisher = openPublisher();
    Subscriber subscriber = openSubscriber();
    QueueRegistry.remove(options().build().name(), directory, PROTOCOL);
    assertCode(FAILED_PRECONDITION, subscriber::drainNameless);
    assertTrue(publisher.tryEnqueue(BYTE));
    assertArrayEquals(BYTE, subscriber.dequeue());
  }

  @Test
  void receiverLearns() throws Exception {
    Subscriber subscriber = openSubscriber();
    CompletableFuture<byte[]> message =
        new Receiver(subscriber, task -> new Thread(task).start()).receive();
    Files.delete(file());
    assertLost(assertThrows(ExecutionException.class, message::get).getCause());
  }

  @Test
  void threadThatWaitsOnSeveralQueuesLearns() throws Exception {
    Subscriber subscriber = openSubscriber();
    WaitAny any = new WaitAny(List.of(subscriber));
    Background wait =
        new Background(
            () ->
                assertLost(
                    () -> any.dequeueBatch(1, (from, message) -> {}, Duration.ofSeconds(60))));
    eventually(wait.osThread()::sleeps);
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    wait.join();
    Files.createDirectory(directory);
  }
}
