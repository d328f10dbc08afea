#include "core/cloudtoid/waiting.h"

#include "core/platform/process.h"

namespace interprocess::cloudtoid {
namespace {

// As good as for ever, and the clock does not overflow.
constexpr absl::Duration kLongestSpin = absl::Hours(24 * 365);

bool GoesOn(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

int64_t NanosUntil(std::chrono::steady_clock::time_point deadline) {
  if (deadline == std::chrono::steady_clock::time_point::max()) return INT64_MAX;
  const auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return 0;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now).count();
}

}  // namespace

absl::Status WaitFor(const std::atomic<bool>& closed, const WaitOptions& options,
                     const Wait& wait) {
  if (options.stop.stop_requested()) return absl::CancelledError("");
  absl::Status status = wait.attempt();
  if (!GoesOn(status)) return status;

  auto ended = [&]() -> std::optional<absl::Status> {
    // acquire, for both: what the other thread did before is seen by the caller.
    if (closed.load(std::memory_order_acquire)) {
      return absl::FailedPreconditionError("the endpoint was closed while it waited");
    }
    if (options.stop.stop_requested()) return absl::CancelledError("");
    if (NanosUntil(options.deadline) == 0) return absl::DeadlineExceededError("");
    return std::nullopt;
  };

  // Growing pauses: a poller that looks every few nanoseconds steals the line that the other side
  // is about to write.
  const int64_t spin_end = options.spin > absl::ZeroDuration()
                               ? platform::MonotonicNanos() +
                                     absl::ToInt64Nanoseconds(std::min(options.spin, kLongestSpin))
                               : 0;
  for (int pause = 1; spin_end != 0 && platform::MonotonicNanos() < spin_end;
       pause = std::min(2 * pause, 16)) {
    for (int i = 0; i < pause; ++i) platform::CpuRelax();
    status = wait.attempt();
    if (!GoesOn(status)) return status;
    if (auto end = ended()) return *end;
  }

  StopWake stop_wake(options.stop, [&] { wait.wake(); });
  while (true) {
    status = wait.attempt();
    if (!GoesOn(status)) return status;
    if (auto end = ended()) return *end;
    wait.sleep(NanosUntil(options.deadline), [&] { return ended().has_value(); });
  }
}

}  // namespace interprocess::cloudtoid
