import io.interprocess.Publisher;
import io.interprocess.QueueException;
import io.interprocess.QueueOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Puts a greeting into a queue every now and then, until Ctrl-C. Start any number of publishers and
 * subscribers, in Java and C++, in any order.
 *
 * <p>Arguments: [--dir=DIRECTORY] [--count=NUMBER] [--interval=MILLISECONDS]
 */
public final class PublisherExample {
  private PublisherExample() {}

  public static void main(String[] args) throws InterruptedException {
    Path directory = null;
    long count = Long.MAX_VALUE;
    long interval = 500;
    for (String arg : args) {
      if (arg.startsWith("--dir=")) {
        directory = Path.of(arg.substring("--dir=".length()));
      } else if (arg.startsWith("--count=")) {
        count = Long.parseLong(arg.substring("--count=".length()));
      } else if (arg.startsWith("--interval=")) {
        interval = Long.parseLong(arg.substring("--interval=".length()));
      } else {
        System.err.println("unknown argument: " + arg);
        System.exit(2);
      }
    }
    QueueOptions options = QueueOptions.builder("greetings").directory(directory).build();
    try (Publisher publisher = Publisher.open(options)) {
      for (long i = 1; i <= count; ++i) {
        String greeting = "greeting " + i + " from process " + ProcessHandle.current().pid();
        publisher.enqueue(
            greeting.getBytes(StandardCharsets.UTF_8)); // waits while the queue is full
        System.out.println("sent: " + greeting);
        if (i < count) {
          Thread.sleep(interval);
        }
      }
    } catch (QueueException e) {
      System.err.println("publisher: " + e.getMessage());
      System.exit(1);
    }
  }
}
