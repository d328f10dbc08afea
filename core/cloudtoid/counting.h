// SPDX-License-Identifier: MIT

// What an endpoint of the Cloudtoid formats counts for itself: the formats have no place for it.

#ifndef INTERPROCESS_CORE_CLOUDTOID_COUNTING_H_
#define INTERPROCESS_CORE_CLOUDTOID_COUNTING_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "interprocess/endpoint_counters.h"

namespace interprocess::cloudtoid {

class Counting {
 public:
  void Count(size_t bytes, bool redelivered = false) {
    ++counters_.messages;
    counters_.bytes += bytes;
    if (redelivered) ++counters_.redelivered;
  }
  // A try found the queue full or empty. With no message since the last time it counts once.
  void CountNotNow() {
    if (not_now_at_ == counters_.messages) return;
    not_now_at_ = counters_.messages;
    ++counters_.full_or_empty;
  }
  const EndpointCounters& counters() const { return counters_; }

 private:
  EndpointCounters counters_;
  uint64_t not_now_at_ = UINT64_MAX;
};

inline absl::Status DepthIsUnknown() {
  return absl::UnimplementedError(
      "the depth of a queue: this format tells how many bytes wait, not how many messages");
}

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_COUNTING_H_
