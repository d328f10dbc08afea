// SPDX-License-Identifier: MIT

// Notices that the name of an endpoint's queue is gone, or leads to another file: then no other
// process comes to this queue any more.

#ifndef INTERPROCESS_CORE_NAME_WATCH_H_
#define INTERPROCESS_CORE_NAME_WATCH_H_

#include <atomic>
#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "core/engine/queue_file.h"
#include "core/platform/named_file.h"

namespace interprocess::internal {

// Each endpoint looks for itself, and believes nobody else: what one process sees of the file
// system, another need not. Used by the thread that uses the endpoint.
class NameWatch {
 public:
  // How often the name is looked at. With the longest sleep (400 ms), and the calls that go by
  // without a look at the clock, less than a second from the loss to the error.
  static constexpr int64_t kLookNanos = 250'000'000;

  explicit NameWatch(const QueueFile& file);

  // A call begins. False if AllowsSlowCall is to be asked: once in some calls.
  bool AllowsCall() { return ABSL_PREDICT_TRUE(--calls_to_clock_ != 0); }
  // After that, if it was false; and again, as often as wanted. False if the name is lost, and the
  // queue is not being drained. Looks at the clock once in some calls, and at the name when that is
  // due.
  ABSL_ATTRIBUTE_NOINLINE bool AllowsSlowCall();

  // A call waits. True if the name is lost.
  bool IsLostWhileWaiting();

  // From now on calls are allowed although the name is lost. FailedPrecondition if it is not.
  absl::Status Drain();

  // FailedPrecondition, once the name is lost; else OK.
  const absl::Status& status() const { return status_; }

 private:
  static constexpr uint32_t kMostCallsPerClock = 16;
  // Calls that took longer since the last look at the clock get one each.
  static constexpr int64_t kSlowNanos = 20'000'000;
  // The clock rests for this long, four times as long where ticks are slow, if calls are quick.
  static constexpr int64_t kQuickNanos = 2'000'000;

  void LookIfDue(int64_t now);
  void Look();
  bool lost() const { return !status_.ok(); }

  uint32_t calls_to_clock_ = 1;
  uint32_t calls_per_clock_ = 1;
  int64_t last_clock_ns_ = 0;
  uint64_t last_clock_ticks_ = 0;
  const uint64_t quick_ticks_;
  int64_t next_look_ns_;
  bool draining_ = false;
  absl::Status status_;
  const platform::NamedFile file_;
  const std::atomic<uint64_t>* const life_;  // as in QueueFile
  const uint64_t removed_;
};

}  // namespace interprocess::internal

#endif  // INTERPROCESS_CORE_NAME_WATCH_H_
