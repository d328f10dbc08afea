// SPDX-License-Identifier: MIT

// What an endpoint has counted.

#ifndef INTERPROCESS_ENDPOINT_COUNTERS_H_
#define INTERPROCESS_ENDPOINT_COUNTERS_H_

#include <cstdint>

namespace interprocess {

// Of one publisher or subscriber, since it was opened.
struct EndpointCounters {
  // Enqueued, or taken; a message that was borrowed and given back was taken. Some may be missing
  // where several threads commit one publisher's reservations.
  uint64_t messages = 0;
  uint64_t bytes = 0;  // of those messages
  // How often it came upon a full queue (publisher) or an empty one (subscriber). Polls, tries and
  // waits one after the other, with no message between them, count once.
  uint64_t full_or_empty = 0;
  uint64_t waits = 0;        // calls that waited
  uint64_t redelivered = 0;  // of `messages`: those marked redelivered
};

}  // namespace interprocess

#endif  // INTERPROCESS_ENDPOINT_COUNTERS_H_
