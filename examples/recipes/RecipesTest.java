import io.interprocess.BorrowedMessage;
import io.interprocess.OpenMode;
import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueOptions;
import io.interprocess.Receiver;
import io.interprocess.Reservation;
import io.interprocess.Subscriber;
import io.interprocess.WaitAny;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** The recipes of docs/recipes in Java, each with a test. Argument: a directory for queues. */
final class RecipesTest {
  private RecipesTest() {}

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  // [work_queue]
  /** Does one job. A job that fails, or whose worker dies, comes to a worker again. */
  static boolean workOnce(Subscriber jobs, BiPredicate<String, Boolean> work)
      throws InterruptedException {
    try (BorrowedMessage job = jobs.borrow(PATIENCE)) {
      if (job == null || !work.test(text(job.toByteArray()), job.redelivered())) {
        return false; // the message is closed, and so given back
      }
      job.acknowledge();
      return true;
    }
  }

  // [end]

  // [poison]
  /** Does one job, or sets it aside if it was handed out three times before. */
  static boolean workOrSetAside(
      Subscriber jobs, Publisher deadLetters, BiPredicate<String, Boolean> work)
      throws InterruptedException {
    try (BorrowedMessage job = jobs.borrow(PATIENCE)) {
      if (job == null) {
        return false;
      }
      byte[] bytes = job.toByteArray();
      boolean done =
          job.earlierDeliveries() < 3
              ? work.test(text(bytes), job.redelivered())
              : deadLetters.enqueue(bytes, PATIENCE);
      if (done) {
        job.acknowledge(); // only now: killed before, the job is in one queue at least
      }
      return done;
    }
  }

  // [end]

  // [request]
  /** Sends a request, and waits for the reply with its number; null if none comes. */
  static String ask(
      Publisher requests, Subscriber replies, String replyQueue, long number, String question)
      throws InterruptedException {
    requests.enqueue(bytes(replyQueue + "\n" + number + "\n" + question), PATIENCE);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      byte[] reply = replies.dequeue(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      if (reply == null) {
        return null;
      }
      String[] parts = text(reply).split("\n", 2);
      if (parts[0].equals(Long.toString(number))) {
        return parts[1]; // others are of earlier requests
      }
    }
  }

  // [end]

  // [reply]
  /** Answers one request. If this server dies, another one answers it. */
  static void answerOnce(Subscriber requests, Path directory, UnaryOperator<String> answer)
      throws InterruptedException {
    try (BorrowedMessage request = requests.borrow(PATIENCE)) {
      if (request == null) {
        return;
      }
      String[] parts = text(request.toByteArray()).split("\n", 3);
      if (parts.length == 3) {
        QueueOptions options =
            QueueOptions.builder(parts[0])
                .directory(directory)
                .mode(OpenMode.OPEN_EXISTING)
                .build();
        try (Publisher replies = Publisher.open(options)) {
          replies.enqueue(bytes(parts[1] + "\n" + answer.apply(parts[2])), PATIENCE);
        } catch (QueueException e) {
          if (e.code() != QueueException.Code.NOT_FOUND) { // the client has gone
            throw e;
          }
        }
      }
      request.acknowledge();
    }
  }

  // [end]

  // [backpressure]
  /** Sends a reading, or drops it when no subscriber has made room for 10 ms. */
  static boolean sendOrDrop(Publisher readings, String reading) throws InterruptedException {
    return readings.enqueue(bytes(reading), Duration.ofMillis(10)); // false: dropped, tell somebody
  }

  // [end]

  // [priorities]
  /** Handles what is there, urgent messages first; waits until one of the queues has some. */
  static void handleByPriority(
      WaitAny both, Subscriber urgent, Subscriber normal, Consumer<String> handle)
      throws InterruptedException {
    byte[] message = urgent.tryDequeue();
    if (message == null) {
      message = normal.tryDequeue();
    }
    if (message != null) {
      handle.accept(text(message));
    } else {
      both.dequeueBatch(1, (from, m) -> handle.accept(text(m.toByteArray())), PATIENCE);
    }
  }

  // [end]

  // [batch]
  /** Sends all messages, up to 256 per call; waits where there is no room. */
  static void sendAll(Publisher publisher, List<byte[]> messages) throws InterruptedException {
    for (int sent = 0; sent < messages.size(); ) {
      int end = Math.min(messages.size(), sent + 256);
      sent += publisher.enqueueBatch(messages.subList(sent, end));
    }
  }

  /** Handles what is there, up to 256 messages per call, each in place. */
  static int handleMany(Subscriber subscriber, Consumer<String> handle)
      throws InterruptedException {
    return subscriber.dequeueBatch(256, m -> handle.accept(text(m.toByteArray())), PATIENCE);
  }

  // [end]

  // [event_loop]
  /** Gives messages to `handle` in the loop's thread, one after the other. */
  static Receiver receiveIn(ExecutorService loop, Subscriber subscriber, Consumer<byte[]> handle) {
    Receiver receiver = new Receiver(subscriber, loop);
    receiver.receiveAll(handle); // ends when the receiver is closed
    return receiver;
  }

  // [end]

  // [in_place]
  /** Writes an order into the queue itself. */
  static void sendOrder(Publisher publisher, long number, int amount) throws InterruptedException {
    try (Reservation room = publisher.reserve(12)) {
      room.putLong(0, number);
      room.putInt(8, amount);
      room.commit();
    }
  }

  /** Reads one out of the queue's memory. */
  static int receiveAmount(Subscriber subscriber) throws InterruptedException {
    try (BorrowedMessage order = subscriber.borrow()) {
      if (order.size() != 12) {
        throw new IllegalStateException("a message of " + order.size() + " bytes is no order");
      }
      int amount = order.getInt(8);
      order.acknowledge();
      return amount;
    }
  }

  // [end]

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    List<Publisher> publishers = new ArrayList<>();
    List<Subscriber> subscribers = new ArrayList<>();
    for (String name : List.of("jobs", "dead", "requests", "replies", "urgent", "normal")) {
      QueueOptions options = QueueOptions.builder(name).directory(directory).capacity(4096).build();
      publishers.add(Publisher.open(options));
      subscribers.add(Subscriber.open(options));
    }
    Publisher jobs = publishers.get(0);
    Subscriber worker = subscribers.get(0);

    jobs.tryEnqueue(bytes("job"));
    check(!workOnce(worker, (job, perhapsDone) -> false), "a job that fails is given back");
    check(workOnce(worker, (job, perhapsDone) -> job.equals("job") && !perhapsDone), "again");
    check(worker.tryDequeue() == null, "done");

    jobs.tryEnqueue(bytes("poison"));
    int[] tries = {0};
    while (!workOrSetAside(worker, publishers.get(1), (job, perhapsDone) -> ++tries[0] < 0)) {
      check(tries[0] < 10, "set aside");
    }
    check(tries[0] == 3, "tried three times");
    check(text(subscribers.get(1).tryDequeue()).equals("poison"), "the dead letter");

    publishers.get(3).tryEnqueue(bytes("6\nof an earlier request"));
    ExecutorService loop = Executors.newSingleThreadExecutor();
    var served =
        loop.submit(
            () -> {
              answerOnce(subscribers.get(2), directory, question -> question + " yourself");
              return null;
            });
    String reply = ask(publishers.get(2), subscribers.get(3), "replies", 7, "hello");
    check("hello yourself".equals(reply), "the reply: " + reply);
    served.get();
    publishers.get(2).tryEnqueue(bytes("nobody\n1\nhello"));
    answerOnce(subscribers.get(2), directory, question -> question);
    check(subscribers.get(2).tryDequeue() == null, "a client that has gone holds nobody up");

    for (int i = 0; i < 64; ++i) {
      check(sendOrDrop(jobs, "21.5"), "64 readings fit");
    }
    check(!sendOrDrop(jobs, "21.5"), "the 65th is dropped");
    check(handleMany(worker, reading -> check(reading.equals("21.5"), reading)) == 64, "a batch");

    Subscriber urgent = subscribers.get(4);
    Subscriber normal = subscribers.get(5);
    WaitAny both = new WaitAny(List.of(urgent, normal));
    publishers.get(5).tryEnqueue(bytes("one"));
    publishers.get(4).tryEnqueue(bytes("two"));
    List<String> handled = new ArrayList<>();
    handleByPriority(both, urgent, normal, handled::add);
    handleByPriority(both, urgent, normal, handled::add);
    loop.submit(() -> publishers.get(5).tryEnqueue(bytes("three")));
    handleByPriority(both, urgent, normal, handled::add);
    check(handled.equals(List.of("two", "one", "three")), "by priority: " + handled);

    sendAll(jobs, List.of(bytes("a"), bytes("b")));
    check(handleMany(worker, handled::add) == 2, "both of a batch");
    sendOrder(jobs, 1, 99);
    check(receiveAmount(worker) == 99, "an order in place");

    var events = new java.util.concurrent.LinkedBlockingQueue<String>();
    Receiver receiver = receiveIn(loop, worker, message -> events.add(text(message)));
    jobs.tryEnqueue(bytes("event"));
    check(events.take().equals("event"), "an event");
    receiver.close();
    loop.shutdown();
    subscribers.forEach(Subscriber::close);
    publishers.forEach(Publisher::close);
    System.out.println("all recipes work");
  }
}
