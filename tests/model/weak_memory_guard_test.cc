// SPDX-License-Identifier: MIT

// What threads of one process say to each other: weak_memory.h.

#include <cstdint>

#include "tests/model/weak_memory.h"

namespace interprocess::weak_memory {
namespace {

// ---- a call and Close: by the word of a C++ call or of the turns' owner, or by the turns' flag
// ----

enum class By { kWord, kFlag };
enum class CloseFault { kNone, kNoBarrier, kCallLooksFirst, kCloseLooksFirst, kEnds, kFlagIgnored };

template <By by, CloseFault fault>
struct Close : rl::test_suite<Close<by, fault>, 2> {
  using F = CloseFault;
  rl::atomic<unsigned> open, running, flag, mapped;
  rl::var<unsigned> engine;

  void before() {
    open($).store(1, mo_relaxed);
    running($).store(0, mo_relaxed);
    flag($).store(0, mo_relaxed);
    mapped($).store(1, mo_relaxed);
    engine($) = 1;
  }
  void thread(unsigned index) { index == 0 ? Call() : End(); }
  // Turns::Turn or Endpoint::Announce, a call, and the end of both.
  void Call() {
    const bool looked = fault == F::kCallLooksFirst && open($).load(mo_acquire) == 1;
    if (by == By::kWord) {
      running($).store(1, mo_relaxed);
    } else {
      flag($).exchange(1, mo_acquire);
    }
    if (fault == F::kCallLooksFirst ? looked : open($).load(mo_acquire) == 1) {
      // Others may come in between: Relacy takes what is not atomic for a part of the step before
      // it.
      RL_ASSERT(mapped($).load(mo_relaxed) == 1);
      engine($) = 2;
    }
    (by == By::kWord ? running : flag)($).store(0, Unless(fault, F::kEnds, mo_release));
  }
  bool Runs() {
    return running($).load(mo_acquire) != 0 ||
           (fault != F::kFlagIgnored && flag($).load(mo_acquire) != 0);
  }
  // Endpoint::Close, whose wait is left out: the engine goes if no call runs.
  void End() {
    const bool ran = fault == F::kCloseLooksFirst && Runs();
    open($).store(0, mo_seq_cst);
    if (fault != F::kNoBarrier) rl::systemwide_fence($);
    if (fault == F::kCloseLooksFirst ? ran : Runs()) return;
    mapped($).store(0, mo_relaxed);
    engine($) = 0;
  }
};

template <CloseFault fault>
using ByWord = Close<By::kWord, fault>;
template <CloseFault fault>
using ByFlag = Close<By::kFlag, fault>;

TEST(WeakMemory, CloseLeavesNoCallWithoutAnEngine) {
  EXPECT_HOLDS(ByWord<CloseFault::kNone>);
  EXPECT_HOLDS(ByFlag<CloseFault::kNone>);
  EXPECT_CAUGHT(ByWord<CloseFault::kNoBarrier>);
  EXPECT_CAUGHT(ByFlag<CloseFault::kNoBarrier>);
  EXPECT_CAUGHT(ByWord<CloseFault::kCallLooksFirst>);
  EXPECT_CAUGHT(ByFlag<CloseFault::kCallLooksFirst>);
  EXPECT_CAUGHT(ByWord<CloseFault::kCloseLooksFirst>);
  EXPECT_CAUGHT(ByFlag<CloseFault::kCloseLooksFirst>);
  EXPECT_CAUGHT(ByWord<CloseFault::kEnds>);
  EXPECT_CAUGHT(ByFlag<CloseFault::kEnds>);
  EXPECT_CAUGHT(ByFlag<CloseFault::kFlagIgnored>);
}

// ---- the window of what is kept: one thread keeps, another drops what was kept before ----

enum class KeptFault { kNone, kKeeps, kSeesNone, kLocks, kDrops, kNoLock };

template <KeptFault fault>
struct Kept : rl::test_suite<Kept<fault>, 2> {
  using F = KeptFault;
  static constexpr unsigned kLocked = 1, kOne = 2;
  rl::atomic<unsigned> kept;
  rl::var<unsigned> window;

  void before() {
    kept($).store(kOne, mo_relaxed);
    window($) = 1;
  }
  void thread(unsigned index) { index == 0 ? Keep() : Drop(); }
  // Holds::Lock, whose further tries are left out.
  bool Lock(unsigned* seen) {
    *seen = kept($).load(mo_relaxed) & ~kLocked;
    return kept($).compare_exchange_strong(*seen, *seen | kLocked,
                                           Unless(fault, F::kLocks, mo_acquire), mo_relaxed);
  }
  void Keep() {
    if (kept($).load(Unless(fault, F::kSeesNone, mo_acquire)) == 0) {
      window($) = 2;
      kept($).store(kOne, mo_release);
      return;
    }
    unsigned seen = kOne;
    if (fault != F::kNoLock && !Lock(&seen)) return;
    window($) = 2;
    kept($).store(seen + kOne, Unless(fault, F::kKeeps, mo_release));
  }
  void Drop() {
    unsigned seen = 0;
    if (!Lock(&seen)) return;
    window($) = seen == kOne ? 0 : 2;
    kept($).store(seen - kOne, Unless(fault, F::kDrops, mo_release));
  }
};

TEST(WeakMemory, WindowOfWhatIsKeptIsChangedByOneThreadAtATime) {
  EXPECT_HOLDS(Kept<KeptFault::kNone>);
  EXPECT_CAUGHT(Kept<KeptFault::kKeeps>);
  EXPECT_CAUGHT(Kept<KeptFault::kSeesNone>);
  EXPECT_CAUGHT(Kept<KeptFault::kLocks>);
  EXPECT_CAUGHT(Kept<KeptFault::kDrops>);
  EXPECT_CAUGHT(Kept<KeptFault::kNoLock>);
}

}  // namespace
}  // namespace interprocess::weak_memory
