// SPDX-License-Identifier: MIT

import com.sun.management.ThreadMXBean;
import io.interprocess.BorrowedMessage;
import io.interprocess.Publisher;
import io.interprocess.QueueOptions;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * Side ROLE DIRECTORY COUNT: the Java side of Benchmark; side.cc is the other. Prints the
 * nanoseconds and the allocated bytes of an operation, of this JVM when it is warm.
 */
final class Side {
  private static final int LARGE = 65536;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final Duration EVER = Duration.ofSeconds(Long.MAX_VALUE);

  /** Takes what would otherwise be optimized away. */
  private static volatile int blackhole;

  private Side() {}

  public static void main(String[] args) throws Exception {
    String role = args[0];
    long count = Long.parseLong(args[2]);
    QueueOptions options =
        QueueOptions.builder("benchmark")
            .directory(Path.of(args[1]))
            .capacity(role.contains("place") ? 1 << 22 : 1 << 20)
            .build();
    switch (role) {
      case "enqueue":
      case "pair":
      case "pair_new":
      case "pair_direct":
        try (Publisher publisher = Publisher.open(options);
            Subscriber subscriber = Subscriber.open(options)) {
          alone(role, publisher, subscriber, count);
        }
        break;
      case "publish":
      case "publish_in_place":
        try (Publisher publisher = Publisher.open(options)) {
          publish(role, publisher, count);
        }
        break;
      case "wake":
        warmUp(options);
        try (Subscriber subscriber = Subscriber.open(options)) {
          wake(subscriber, count);
        }
        break;
      default:
        try (Subscriber subscriber = Subscriber.open(options)) {
          subscribe(role, subscriber, count);
        }
    }
  }

  private static void report(double nanos, double bytes) {
    System.out.println(nanos + " " + bytes);
  }

  private static long allocated() {
    return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
  }

  /** Five rounds; the first warm up, as does most of the others. The best counts, as in side.cc. */
  private static void alone(String role, Publisher publisher, Subscriber subscriber, long count) {
    byte[] message = new byte[64];
    byte[] buffer = new byte[64];
    ByteBuffer direct = ByteBuffer.allocateDirect(64);
    ByteBuffer directBuffer = ByteBuffer.allocateDirect(64);
    int each = 10_000;
    double best = Double.MAX_VALUE;
    double bytes = 0;
    for (int round = 0; round < 5; ++round) {
      long nanos = 0;
      long allocated = 0;
      for (long done = 0; done < count; done += each) {
        long before = allocated();
        long start = System.nanoTime();
        switch (role) {
          case "enqueue":
            enqueue(publisher, message, each);
            break;
          case "pair":
            pair(publisher, subscriber, message, buffer, each);
            break;
          case "pair_new":
            pairNew(publisher, subscriber, message, each);
            break;
          default:
            pairDirect(publisher, subscriber, direct, directBuffer, each);
        }
        nanos += System.nanoTime() - start;
        allocated += allocated() - before;
        while (role.equals("enqueue") && subscriber.tryDequeue(buffer) >= 0) {}
      }
      if (nanos / (double) count < best) {
        best = nanos / (double) count;
        bytes = allocated / (double) count;
      }
    }
    report(best, bytes);
  }

  private static void check(boolean good) {
    if (!good) {
      throw new AssertionError();
    }
  }

  private static void enqueue(Publisher publisher, byte[] message, int times) {
    for (int i = 0; i < times; ++i) {
      check(publisher.tryEnqueue(message));
    }
  }

  private static void pair(
      Publisher publisher, Subscriber subscriber, byte[] message, byte[] buffer, int times) {
    for (int i = 0; i < times; ++i) {
      check(publisher.tryEnqueue(message));
      check(subscriber.tryDequeue(buffer) == 64);
    }
  }

  private static void pairNew(
      Publisher publisher, Subscriber subscriber, byte[] message, int times) {
    int sum = 0;
    for (int i = 0; i < times; ++i) {
      check(publisher.tryEnqueue(message));
      sum += subscriber.tryDequeue().length;
    }
    blackhole = sum;
  }

  private static void pairDirect(
      Publisher publisher,
      Subscriber subscriber,
      ByteBuffer message,
      ByteBuffer buffer,
      int times) {
    for (int i = 0; i < times; ++i) {
      check(publisher.tryEnqueue(message.clear()));
      check(subscriber.tryDequeue(buffer.clear()) == 64);
    }
  }

  private static void publish(String role, Publisher publisher, long count) throws Exception {
    byte[] message = new byte[64];
    byte[] large = new byte[LARGE];
    Arrays.fill(large, (byte) 7);
    for (long i = 0; i < count; ++i) {
      if (role.equals("publish")) {
        publisher.enqueue(message);
      } else {
        try (Reservation room = publisher.reserve(LARGE)) {
          room.put(0, large, 0, LARGE);
          room.commit();
        }
      }
    }
  }

  /** The first half is warm-up: the compiler works besides, on as few cores. */
  private static void subscribe(String role, Subscriber subscriber, long count) throws Exception {
    byte[] buffer = new byte[64];
    byte[] large = new byte[LARGE];
    long start = 0;
    long before = 0;
    for (long i = 0; i < count; ++i) {
      if (i == count / 2) {
        before = allocated();
        start = System.nanoTime();
      }
      if (role.equals("subscribe_in_place")) {
        try (BorrowedMessage message = subscriber.borrow()) {
          message.get(0, large, 0, LARGE);
          message.acknowledge();
        }
      } else {
        subscriber.dequeue(buffer, EVER);
      }
    }
    long nanos = System.nanoTime() - start;
    double measured = count - count / 2;
    report(nanos / measured, (allocated() - before) / measured);
    blackhole = large[7];
  }

  /** Compiles what waits, which a few hundred wake-ups would not: at another queue. */
  private static void warmUp(QueueOptions options) throws Exception {
    QueueOptions other = QueueOptions.builder("warm-up").directory(options.directory()).build();
    byte[] buffer = new byte[8];
    try (Publisher publisher = Publisher.open(other);
        Subscriber subscriber = Subscriber.open(other)) {
      subscriber.setSpin(Duration.ZERO);
      for (int i = 0; i < 20_000; ++i) {
        subscriber.dequeue(buffer, Duration.ofNanos(1));
        publisher.enqueue(buffer);
        check(latency(buffer) != 0 && subscriber.dequeue(buffer, EVER) == 8);
      }
    }
  }

  private static long latency(byte[] sent) {
    return System.nanoTime() - ByteBuffer.wrap(sent).order(ByteOrder.nativeOrder()).getLong();
  }

  /** The median time from before a message is enqueued until this has it, having slept. */
  private static void wake(Subscriber subscriber, long count) throws Exception {
    byte[] buffer = new byte[8];
    long[] nanos = new long[(int) count];
    subscriber.setSpin(Duration.ZERO);
    long before = allocated();
    for (int i = 0; i < nanos.length; ++i) {
      subscriber.dequeue(buffer, EVER);
      nanos[i] = latency(buffer);
    }
    double bytes = (allocated() - before) / (double) count;
    Arrays.sort(nanos);
    report(nanos[nanos.length / 2], bytes);
  }
}
