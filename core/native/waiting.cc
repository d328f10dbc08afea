#include "core/native/waiting.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/native/step.h"
#include "core/platform/process.h"

namespace interprocess::native {
namespace {

// As good as for ever, and the clock does not overflow.
constexpr absl::Duration kLongestSpin = absl::Hours(24 * 365);

bool GoesOn(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

int64_t NanosUntil(std::chrono::steady_clock::time_point deadline) {
  if (deadline == std::chrono::steady_clock::time_point::max()) return INT64_MAX;
  auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return 0;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(deadline - now).count();
}

}  // namespace

void CountUpAndWake(WaitWord& word, Environment& environment) {
  // seq_cst: after the reason, and before the look of whoever reads this count.
  word.seq.fetch_add(1, std::memory_order_seq_cst);
  INTERPROCESS_STEP("notify.counted");
  environment.WakeAll(word.seq);
}

void WakeSleepers(WaitWord& word, Environment& environment) {
  // The flag goes first: a waiter that sets it again after this reads the new `seq` or finds what
  // it looks for (seq_cst, as all of RaiseFlag). If this process stops or dies before it wakes,
  // sleepers look after their sleep.
  word.flag.exchange(0, std::memory_order_seq_cst);
  INTERPROCESS_STEP("notify.flag_cleared");
  CountUpAndWake(word, environment);
}

RaisedFlag RaiseFlag(const Header& header, WaitWord& word, Environment& environment) {
  // seq_cst throughout: `seq` is read before the last look, so that whoever changes the queue after
  // that look either finds the flag and counts `seq` up, which ends or prevents the sleep, or made
  // the change early enough for the look.
  const uint32_t seq = word.seq.load(std::memory_order_seq_cst);
  INTERPROCESS_STEP("wait.read_seq");
  word.flag.store(1, std::memory_order_seq_cst);
  INTERPROCESS_STEP("wait.flag_set");
  // seq_cst: set, for good, by who joined without taking part, before its first look at a flag.
  const bool fenced = header.no_barrier.load(std::memory_order_seq_cst) == 0;
  if (fenced) {
    environment.Barrier();
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  INTERPROCESS_STEP("wait.fenced");
  return {seq, fenced};
}

absl::Status WaitFor(const Header& header, WaitWord& word, Environment& environment,
                     const std::atomic<bool>& closed, const WaitOptions& options,
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
  const int64_t spin_end =
      options.spin > absl::ZeroDuration()
          ? environment.NowNanos() + absl::ToInt64Nanoseconds(std::min(options.spin, kLongestSpin))
          : 0;
  for (int pause = 1; spin_end != 0 && environment.NowNanos() < spin_end;
       pause = std::min(2 * pause, 16)) {
    for (int i = 0; i < pause; ++i) platform::CpuRelax();
    status = wait.attempt();
    if (!GoesOn(status)) return status;
    if (auto end = ended()) return *end;
  }

  std::optional<StopWake> stop_wake;
  stop_wake.emplace(options.stop, [&] { CountUpAndWake(word, environment); });
  // Since when the flag may have been seen by all, where no barrier says so: `seq` as it was then.
  int64_t flag_since = 0;
  uint32_t flag_seq = 0;
  bool flag_is_new = true;
  while (true) {
    const auto [seq, fenced] = RaiseFlag(header, word, environment);
    if (flag_is_new || seq != flag_seq) flag_since = environment.NowNanos();
    flag_is_new = false;
    flag_seq = seq;
    status = wait.attempt();
    if (!GoesOn(status)) return status;
    // After `seq` was read: whoever closes or stops counts it up after saying so.
    if (auto end = ended()) return *end;
    wait.on_sleep();
    int64_t limit = std::min(wait.sleep_limit(), NanosUntil(options.deadline));
    // Not one short sleep, which anything may end early: until so much time has passed.
    if (!fenced && environment.NowNanos() - flag_since < kUnfencedSleepNanos) {
      limit = std::min(limit, kUnfencedSleepNanos);
    }
    INTERPROCESS_STEP("wait.sleeps");
    status = environment.Sleep(word.seq, seq, limit);
    if (!status.ok()) return status;
    // relaxed: a look for the dead too many or too few.
    if (word.seq.load(std::memory_order_relaxed) == seq) wait.on_timeout();
  }
}

}  // namespace interprocess::native
