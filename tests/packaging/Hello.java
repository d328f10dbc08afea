// SPDX-License-Identifier: MIT

import io.interprocess.Publisher;
import io.interprocess.Subscriber;
import java.nio.charset.StandardCharsets;

class Hello {
  public static void main(String[] args) throws InterruptedException {
    try (Publisher publisher = Publisher.open("greetings");
        Subscriber subscriber = Subscriber.open("greetings")) {
      publisher.enqueue("hello".getBytes(StandardCharsets.UTF_8));
      System.out.println(new String(subscriber.dequeue(), StandardCharsets.UTF_8)); // waits
    }
  }
}
