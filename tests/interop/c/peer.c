/* SPDX-License-Identifier: MIT
 */

/* The C peer of the interop tests: its command line is that of ../reference/peer.py. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interprocess.h"

static int failed(const char* what) {
  fprintf(stderr, "peer: %s: %s\n", what, ipq_last_error());
  return 1;
}

/* The size of message `index`, which is put to `text` (with room for `largest` and 4 more). */
static size_t message_of(uint32_t index, size_t largest, uint8_t* text) {
  uint32_t mixed = index * 2654435761u + 12345u;
  mixed ^= mixed >> 15;
  const size_t size = index % 1000 == 999 ? largest : mixed % (largest < 1000 ? largest : 1000);
  memcpy(text, &index, 4);
  for (size_t i = 0; i < size; ++i) text[4 + i] = (uint8_t)(index * 7 + i);
  return size;
}

static int publish(const ipq_options* options, uint32_t count) {
  ipq_publisher* publisher;
  if (ipq_publisher_open(options, &publisher) != IPQ_OK) return failed("open");
  puts("attached");
  fflush(stdout);
  const size_t largest = ipq_publisher_max_message_size(publisher);
  uint8_t* text = malloc(largest + 4);
  for (uint32_t i = 0; i < count; ++i) {
    const size_t size = message_of(i, largest, text);
    int code;
    if (i % 2 == 0) {
      code = ipq_publisher_enqueue(publisher, text, size, IPQ_FOREVER, NULL);
    } else {
      ipq_reservation room = {.struct_size = sizeof room};
      code = ipq_publisher_reserve(publisher, size, &room, IPQ_FOREVER, NULL);
      if (code == IPQ_OK) {
        memcpy(room.data, text, size);
        /* Where a reservation holds no room, the commit may find none. */
        do {
          code = ipq_publisher_commit(publisher, &room, size);
        } while (code == IPQ_RESOURCE_EXHAUSTED);
      }
    }
    if (code != IPQ_OK) return failed("publish");
  }
  puts("done");
  fflush(stdout);
  getchar();
  free(text);
  ipq_publisher_free(publisher);
  return 0;
}

static int subscribe(const ipq_options* options, uint32_t count) {
  ipq_subscriber* subscriber;
  if (ipq_subscriber_open(options, &subscriber) != IPQ_OK) return failed("open");
  puts("attached");
  fflush(stdout);
  const size_t largest = ipq_subscriber_max_message_size(subscriber);
  uint8_t* text = malloc(largest + 4);
  uint8_t* buffer = malloc(largest);
  for (uint32_t i = 0; i < count; ++i) {
    const size_t size = message_of(i, largest, text);
    ipq_message message = {.struct_size = sizeof message};
    const int code = i % 2 == 0 ? ipq_subscriber_dequeue(subscriber, buffer, largest, &message,
                                                         IPQ_FOREVER, NULL)
                                : ipq_subscriber_borrow(subscriber, &message, IPQ_FOREVER, NULL);
    if (code != IPQ_OK) return failed("subscribe");
    if (message.size != size || (size > 0 && memcmp(message.data, text, size) != 0)) {
      fprintf(stderr, "peer: message %u differs\n", (unsigned)i);
      return 1;
    }
    if (i % 2 != 0 && ipq_subscriber_acknowledge(subscriber, &message) != IPQ_OK) {
      return failed("acknowledge");
    }
  }
  if (ipq_subscriber_try_dequeue(subscriber, buffer, largest, NULL) != IPQ_UNAVAILABLE) {
    return failed("there are more messages");
  }
  puts("done");
  free(text);
  free(buffer);
  ipq_subscriber_free(subscriber);
  return 0;
}

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  static const char* const names[] = {"native", "", "cloudtoid2", "cloudtoid3", "cloudtoid2-fork"};
  ipq_options options;
  ipq_options_init(&options);
  for (int i = 0; i < 5; ++i) {
    if (strcmp(argv[2], names[i]) == 0) options.protocol = i;
  }
  options.directory = argv[3];
  options.name = argv[4];
  options.capacity = atoll(argv[5]);
  const uint32_t count = (uint32_t)atoi(argv[6]);
  return strcmp(argv[1], "publish") == 0 ? publish(&options, count) : subscribe(&options, count);
}
