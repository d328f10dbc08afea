/* SPDX-License-Identifier: MIT
 */

#include <interprocess.h>
#include <stdio.h>

static int failed(void) {
  fprintf(stderr, "%s\n", ipq_last_error());
  return 1;
}

int main(int argc, char** argv) {
  ipq_options options;
  ipq_options_init(&options);
  options.name = "greetings";
  if (argc > 1) options.directory = argv[1];
  ipq_publisher* publisher;
  ipq_subscriber* subscriber;
  if (ipq_publisher_open(&options, &publisher) != IPQ_OK) return failed();
  if (ipq_subscriber_open(&options, &subscriber) != IPQ_OK) return failed();
  if (ipq_publisher_enqueue(publisher, "hello", 5, IPQ_FOREVER, NULL) != IPQ_OK) return failed();
  char buffer[100];
  ipq_message message = {.struct_size = sizeof message};
  if (ipq_subscriber_dequeue(subscriber, buffer, sizeof buffer, &message, IPQ_FOREVER, NULL)) {
    return failed();
  }
  printf("%.*s\n", (int)message.size, buffer);
  ipq_publisher_free(publisher);
  ipq_subscriber_free(subscriber);
  return 0;
}
