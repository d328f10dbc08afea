// SPDX-License-Identifier: MIT

// What a thread that waits for several queues sleeps on.

#ifndef INTERPROCESS_ALARM_H_
#define INTERPROCESS_ALARM_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace interprocess {

// Ends a sleep of WaitAny: a word that changes when there may be a message (Subscriber::Arm), or
// when a Bell is rung. Valid until that subscriber is closed or that bell is destroyed.
struct Alarm {
  // Null: nothing wakes; look again after `limit`.
  const std::atomic<uint32_t>* word = nullptr;
  uint32_t value = 0;  // that it had
  // The longest sleep: then look, and arm anew, whether it changed or not.
  absl::Duration limit = absl::Milliseconds(5);

  // acquire: what was done before the change is seen.
  bool changed() const { return word == nullptr || word->load(std::memory_order_acquire) != value; }
};

}  // namespace interprocess

#endif  // INTERPROCESS_ALARM_H_
