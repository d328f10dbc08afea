#include "core/native/waiting.h"

#include <algorithm>

#include "core/base/step.h"

namespace interprocess::native {

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
  bool fenced = header.no_barrier.load(std::memory_order_seq_cst) == 0;
  if (fenced) {
    // Not if a filter of system calls that was installed since the queue was opened refuses it.
    fenced = environment.Barrier();
  } else {
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  INTERPROCESS_STEP("wait.fenced");
  return {seq, fenced};
}

void Sleeper::Prepare() {
  const RaisedFlag raised = RaiseFlag(header_, word_, environment_);
  if (!flag_is_up_ || raised.seq != flag_.seq) flag_since_ns_ = environment_.NowNanos();
  flag_is_up_ = true;
  flag_ = raised;
}

absl::StatusOr<bool> Sleeper::Sleep(int64_t timeout_ns) {
  // Not one short sleep, which anything may end early: short ones until this much time has passed.
  if (!flag_.fenced && environment_.NowNanos() - flag_since_ns_ < kUnfencedSleepNanos) {
    timeout_ns = std::min(timeout_ns, kUnfencedSleepNanos);
  }
  INTERPROCESS_STEP("wait.sleeps");
  absl::Status status = environment_.Sleep(word_.seq, flag_.seq, timeout_ns);
  if (!status.ok()) return status;
  // relaxed: a look for the dead too many or too few.
  return word_.seq.load(std::memory_order_relaxed) != flag_.seq;
}

}  // namespace interprocess::native
