import io.interprocess.BorrowedMessage;
import io.interprocess.QueueException;
import io.interprocess.QueueOptions;
import io.interprocess.Subscriber;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Takes greetings from a queue and prints them, until Ctrl-C. Start any number of publishers and
 * subscribers, in Java and C++, in any order: each greeting goes to one subscriber.
 *
 * <p>Arguments: [--dir=DIRECTORY] [--count=NUMBER]
 */
public final class SubscriberExample {
  private SubscriberExample() {}

  public static void main(String[] args) throws InterruptedException {
    Path directory = null;
    long count = Long.MAX_VALUE;
    for (String arg : args) {
      if (arg.startsWith("--dir=")) {
        directory = Path.of(arg.substring("--dir=".length()));
      } else if (arg.startsWith("--count=")) {
        count = Long.parseLong(arg.substring("--count=".length()));
      } else {
        System.err.println("unknown argument: " + arg);
        System.exit(2);
      }
    }
    QueueOptions options = QueueOptions.builder("greetings").directory(directory).build();
    try (Subscriber subscriber = Subscriber.open(options)) {
      for (long i = 0; i < count; ++i) {
        // The message is only lent until it is acknowledged: if this process is killed before,
        // another subscriber gets it, marked redelivered.
        try (BorrowedMessage message = subscriber.borrow()) {
          System.out.println(
              "received: "
                  + new String(message.toByteArray(), StandardCharsets.UTF_8)
                  + (message.redelivered() ? " (perhaps not for the first time)" : ""));
          message.acknowledge();
        }
      }
    } catch (QueueException e) {
      System.err.println("subscriber: " + e.getMessage());
      System.exit(1);
    }
  }
}
