// SPDX-License-Identifier: MIT

#include "core/wait_loop.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "absl/cleanup/cleanup.h"
#include "absl/time/time.h"
#include "core/platform/process.h"
#include "interprocess/stop_token.h"

namespace interprocess::internal {
namespace {

// Stands for ever, and does not overflow the clock.
constexpr absl::Duration kLongestSpin = absl::Hours(24 * 365);

int64_t NanosUntil(std::chrono::steady_clock::time_point deadline) {
  if (deadline == std::chrono::steady_clock::time_point::max()) return INT64_MAX;
  const auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return 0;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now).count();
}

// OK while the wait goes on.
absl::Status WhyEnded(const std::atomic<bool>& closed, const WaitOptions& options,
                      NameWatch* name) {
  // acquire, for both: the caller sees what the thread that ends the wait did before.
  if (closed.load(std::memory_order_acquire)) {
    return absl::FailedPreconditionError("the endpoint was closed while it waited");
  }
  if (options.stop.stop_requested()) return absl::CancelledError("");
  if (name != nullptr && name->IsLostWhileWaiting()) return name->status();
  if (NanosUntil(options.deadline) == 0) return absl::DeadlineExceededError("");
  return absl::OkStatus();
}

}  // namespace

absl::Status KeepTrying(Engine& engine, const std::atomic<bool>& closed, const WaitOptions& options,
                        absl::FunctionRef<absl::Status()> attempt, NameWatch* name) {
  // Growing pauses: a poller that looks every few nanoseconds steals the line that the other side
  // is about to write.
  const int64_t spin_end = options.spin > absl::ZeroDuration()
                               ? platform::MonotonicNanos() +
                                     absl::ToInt64Nanoseconds(std::min(options.spin, kLongestSpin))
                               : 0;
  for (int pause = 1; spin_end != 0 && platform::MonotonicNanos() < spin_end;
       pause = std::min(2 * pause, 16)) {
    for (int i = 0; i < pause; ++i) platform::CpuRelax();
    if (absl::Status status = attempt(); !WouldWait(status)) return status;
    if (absl::Status end = WhyEnded(closed, options, name); !end.ok()) return end;
  }

  const StopWake stop_wake(options.stop, [&] { engine.WakeWaiters(); });
  const absl::Cleanup end_sleeps = [&] { engine.EndSleeps(); };
  while (true) {
    engine.PrepareSleep();
    if (absl::Status status = attempt(); !WouldWait(status)) return status;
    // After PrepareSleep: a thread that ends the wait says so before it calls WakeWaiters.
    if (absl::Status end = WhyEnded(closed, options, name); !end.ok()) return end;
    absl::Status slept = engine.Sleep(NanosUntil(options.deadline));
    if (!slept.ok()) return slept;
  }
}

}  // namespace interprocess::internal
