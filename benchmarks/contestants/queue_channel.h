// SPDX-License-Identifier: MIT

// What the contestants of this project's queue have in common.

#ifndef INTERPROCESS_BENCHMARKS_CONTESTANTS_QUEUE_CHANNEL_H_
#define INTERPROCESS_BENCHMARKS_CONTESTANTS_QUEUE_CHANNEL_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "benchmarks/harness/crew.h"
#include "benchmarks/harness/opened.h"
#include "benchmarks/harness/throughput.h"
#include "interprocess/queue_options.h"

namespace interprocess::benchmarks {

[[noreturn]] inline void Fail(absl::string_view call, const absl::Status& status) {
  FailMeasurement(absl::StrCat(call, ": ", status.ToString()));
}

// Names the queue; the first worker that opens it makes it, the last that leaves removes it.
class QueueChannel {
 public:
  static constexpr bool kOneToOne = false;

  explicit QueueChannel(const ChannelOptions& options, Protocol protocol = Protocol::kNative)
      : options_(NewQueue(static_cast<int64_t>(options.capacity))) {
    options_.protocol = protocol;
  }

  const QueueOptions& options() const { return options_; }

 protected:
  QueueOptions options_;
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_CONTESTANTS_QUEUE_CHANNEL_H_
