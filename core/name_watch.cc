// SPDX-License-Identifier: MIT

#include "core/name_watch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/platform/clock.h"
#include "core/platform/cpu.h"

namespace interprocess::internal {

NameWatch::NameWatch(const QueueFile& file)
    : quick_ticks_(platform::TicksOf(kQuickNanos)),
      next_look_ns_(platform::CoarseMonotonicNanos() + kLookNanos),
      file_(file.path, {file.device, file.inode}),
      life_(file.life),
      removed_(file.removed) {}

bool NameWatch::AllowsSlowCall() {
  if (lost()) {
    calls_to_clock_ = 1;
    return draining_;
  }
  if (calls_to_clock_ != 0) return true;
  // By a clock that costs less, and is exact enough to tell that the last calls were quick.
  const uint64_t ticks = platform::Ticks();
  if (calls_per_clock_ == kMostCallsPerClock && ticks - last_clock_ticks_ < quick_ticks_) {
    calls_to_clock_ = kMostCallsPerClock;
    return true;
  }
  last_clock_ticks_ = ticks;
  const int64_t now = platform::CoarseMonotonicNanos();
  const int64_t took = now - last_clock_ns_;
  last_clock_ns_ = now;
  calls_per_clock_ = took > kSlowNanos ? 1 : std::min(2 * calls_per_clock_, kMostCallsPerClock);
  calls_to_clock_ = calls_per_clock_;
  LookIfDue(now);
  if (!lost()) return true;
  calls_to_clock_ = 1;
  return false;
}

bool NameWatch::IsLostWhileWaiting() {
  LookIfDue(platform::CoarseMonotonicNanos());
  return lost();
}

absl::Status NameWatch::Drain() {
  Look();
  if (!lost()) {
    return absl::FailedPreconditionError(
        absl::StrCat("drain without a name: queue '", file_.path(), "' has not lost its name"));
  }
  draining_ = true;
  return absl::OkStatus();
}

void NameWatch::LookIfDue(int64_t now) {
  if (now - next_look_ns_ < 0) return;
  next_look_ns_ = now + kLookNanos;
  Look();
}

void NameWatch::Look() {
  if (lost()) return;
  const platform::NameState state = file_.Look();
  if (state == platform::NameState::kSound || state == platform::NameState::kUnknown) return;
  // seq_cst, as all of `life`. A remover marks the queue and then removes the name, and the look
  // has seen the name gone.
  if (life_ != nullptr && life_->load(std::memory_order_seq_cst) == removed_) return;
  status_ = absl::FailedPreconditionError(absl::StrCat(
      "queue '", file_.path(), "' has lost its name: the path leads ",
      state == platform::NameState::kGone ? "nowhere" : "to another file",
      " by now, so nobody else comes to this queue any more. Something deleted or moved the file "
      "(systemd does it at a user's last logout unless logind.conf has RemoveIPC=no). Close this "
      "endpoint and open another"));
  calls_to_clock_ = calls_per_clock_ = 1;
}

}  // namespace interprocess::internal
