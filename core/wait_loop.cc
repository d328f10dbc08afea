// SPDX-License-Identifier: MIT

#include "core/wait_loop.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/platform/clock.h"
#include "core/platform/cpu.h"
#include "interprocess/stop_token.h"

namespace interprocess::internal {
namespace {

// Stands for ever, and does not overflow the clock.
constexpr absl::Duration kLongestSpin = absl::Hours(24 * 365);

using Moment = std::chrono::steady_clock::time_point;

int64_t NanosUntil(Moment end) {
  if (end == Moment::max()) return INT64_MAX;
  const auto now = std::chrono::steady_clock::now();
  if (end <= now) return 0;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(end - now).count();
}

// OK while the wait goes on.
absl::Status WhyEnded(const Engine& engine, const std::atomic<bool>& closed,
                      const WaitOptions& options, Moment end, NameWatch* name) {
  const auto still = [&] { return engine.not_now().message(); };
  // acquire, for both: the caller sees what the thread that ends the wait did before.
  if (closed.load(std::memory_order_acquire)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the endpoint was closed while it waited: ", still()));
  }
  if (options.stop.stop_requested()) {
    return absl::CancelledError(absl::StrCat("a stop was asked for: ", still()));
  }
  if (name != nullptr && name->IsLostWhileWaiting()) return name->status();
  if (NanosUntil(end) == 0) {
    return absl::DeadlineExceededError(absl::StrCat("the time to wait is over: ", still()));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status KeepTrying(Engine& engine, const std::atomic<bool>& closed, const WaitOptions& options,
                        absl::FunctionRef<absl::Status()> attempt, NameWatch* name) {
  engine.CountWait();
  const Moment latest = options.End();
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
    absl::Status end = WhyEnded(engine, closed, options, latest, name);
    if (!end.ok()) return end;
  }

  const StopWake stop_wake(options.stop, [&] { engine.WakeWaiters(); });
  const absl::Cleanup end_sleeps = [&] { engine.EndSleeps(); };
  while (true) {
    engine.PrepareSleep();
    if (absl::Status status = attempt(); !WouldWait(status)) return status;
    // After PrepareSleep: a thread that ends the wait says so before it calls WakeWaiters.
    absl::Status end = WhyEnded(engine, closed, options, latest, name);
    if (!end.ok()) return end;
    ABSL_RETURN_IF_ERROR(engine.Sleep(NanosUntil(latest)));
  }
}

}  // namespace interprocess::internal
