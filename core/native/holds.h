// SPDX-License-Identifier: MIT

// What a participant says in its record of the positions that it may hold, so that a participant
// that finishes what it began looks at those and nowhere else.

#ifndef INTERPROCESS_CORE_NATIVE_HOLDS_H_
#define INTERPROCESS_CORE_NATIVE_HOLDS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/time/clock.h"
#include "core/native/layout.h"
#include "core/platform/cpu.h"

namespace interprocess::native {

// Used by the participant's thread, except for Drop.
class Holds {
 public:
  explicit Holds(Participant& record) : record_(record) {}

  // Before the step that takes `position`, which publishes it (release). release: after the step
  // that let go the one before, if there was no End.
  void Begin(uint64_t position) { record_.current.store(position + 1, std::memory_order_release); }
  // After the step that let it go, or took nothing. release: after that step.
  void End() { record_.current.store(0, std::memory_order_release); }

  // In place of End: the position stays with the participant until Drop.
  void Keep(uint64_t position) {
    // acquire: pairs with the Drop of the last one, which changed the window. relaxed, all stores
    // of the window: End publishes them. It is never without a position that it has had.
    if (kept_.load(std::memory_order_acquire) == 0) {
      // Nothing is kept, so no other thread has anything to drop: no lock.
      record_.low.store(position, std::memory_order_relaxed);
      record_.high.store(position + 1, std::memory_order_relaxed);
      kept_.store(kOne, std::memory_order_release);
    } else {
      const uint64_t kept = Lock();
      // None may have been kept any more by now; then the window is empty.
      record_.low.store(kept == 0 ? position : std::min(position, Low()),
                        std::memory_order_relaxed);
      record_.high.store(std::max(position + 1, High()), std::memory_order_relaxed);
      kept_.store(kept + kOne, std::memory_order_release);
    }
    End();
  }

  // After the step that let go a position that was kept, by any thread. `is_own(position)` says
  // whether a position is still the participant's. release: after that step.
  template <typename IsOwn>
  void Drop(IsOwn is_own) {
    const uint64_t kept = Lock();
    if (kept == kOne) {
      record_.high.store(0, std::memory_order_release);
      record_.low.store(0, std::memory_order_relaxed);
    } else {
      uint64_t low = Low();
      // Over what is not its own any more: once for each position, and some at a time.
      for (int i = 0; i < kStepsPerDrop && low + 1 < High() && !is_own(low); ++i) ++low;
      record_.low.store(low, std::memory_order_release);
    }
    // release: what was done to the window comes before what the next one does.
    kept_.store(kept - kOne, std::memory_order_release);
  }

 private:
  static constexpr int kStepsPerDrop = 64;
  static constexpr uint64_t kLocked = 1;
  static constexpr uint64_t kOne = 2;

  // Locks the window, for a few stores, among the threads that use messages in place: with a mutex
  // of the system's that took as many instructions as the rest of the call. `kept_`, not locked.
  uint64_t Lock() {
    uint64_t kept = kept_.load(std::memory_order_relaxed) & ~kLocked;
    // acquire: what the last one did to the window.
    for (int tries = 1; !kept_.compare_exchange_weak(
             kept, kept | kLocked, std::memory_order_acquire, std::memory_order_relaxed);
         ++tries) {
      kept &= ~kLocked;
      // The thread that has it may have lost its core, perhaps to this one.
      if (tries % kTriesPerPause == 0) absl::SleepFor(absl::Microseconds(20));
      platform::CpuRelax();
    }
    return kept;
  }
  static constexpr int kTriesPerPause = 64;

  // relaxed: nobody else writes them while the participant lives.
  uint64_t Low() const { return record_.low.load(std::memory_order_relaxed); }
  uint64_t High() const { return record_.high.load(std::memory_order_relaxed); }

  Participant& record_;
  std::atomic<uint64_t> kept_{0};  // how many positions, times kOne, and whether it is locked
};

// Of one that holds nothing any more. relaxed: the state that follows publishes it.
inline void ClearHolds(Participant& record) {
  for (auto* hold : {&record.current, &record.resolving, &record.low, &record.high}) {
    hold->store(0, std::memory_order_relaxed);
  }
}

// Whether the participant says that it may hold `position`. acquire: what it did before it took
// back what it said is seen by the caller. `current` first: a position moves from there to the
// window.
inline bool MayHold(const Participant& record, uint64_t position) {
  if (record.current.load(std::memory_order_acquire) == position + 1) return true;
  const uint64_t low = record.low.load(std::memory_order_acquire);
  return low <= position && position < record.high.load(std::memory_order_acquire);
}

// Whether it may hold anything. relaxed: a look, which may be out of date.
inline bool HoldsAnything(const Participant& record) {
  return (record.current.load(std::memory_order_relaxed) |
          record.resolving.load(std::memory_order_relaxed) |
          record.high.load(std::memory_order_relaxed)) != 0;
}

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_HOLDS_H_
