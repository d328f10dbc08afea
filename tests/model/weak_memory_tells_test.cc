// SPDX-License-Identifier: MIT

// What tells others of a change: putting back, what each may hold, sleep. See weak_memory.h.

#include "tests/model/weak_memory.h"

namespace interprocess::weak_memory {
namespace {

// ---- giving back, the count that tells of it, and the log that says where ----

enum class ReturnFault {
  kNone,
  kPutBack,
  kCounts,
  kCountedFirst,
  kLooks,
  kTagIgnored,
  kClaims,
};

template <ReturnFault fault>
struct Return : rl::test_suite<Return<fault>, 3> {
  using F = ReturnFault;
  rl::atomic<unsigned> claim[2], returns, log[2];  // log: count and position
  rl::var<unsigned> marks[2];

  void before() {
    returns($).store(0, mo_relaxed);
    for (unsigned i = 0; i < 2; ++i) {
      claim[i]($).store(Claim(kClaimedA, 0), mo_relaxed);
      // Of a count of long ago, and of the other position.
      log[i]($).store(1 - i, mo_relaxed);
      marks[i]($) = 0;
    }
  }
  void thread(unsigned index) { index < 2 ? PutBack(index) : Find(); }
  void PutBack(unsigned position) {
    marks[position]($) = 1;
    unsigned count = 0;
    if (fault == F::kCountedFirst) count = returns($).fetch_add(1, mo_acq_rel) + 1;
    claim[position]($).store(Claim(kReturned, 0), Unless(fault, F::kPutBack, mo_release));
    if (fault != F::kCountedFirst) {
      count = returns($).fetch_add(1, Unless(fault, F::kCounts, mo_acq_rel)) + 1;
    }
    log[count % 2]($).store(2 * count + position, mo_release);
  }
  void Find() {
    const unsigned count = returns($).load(Unless(fault, F::kLooks, mo_acquire));
    unsigned found = 0;
    bool scan = false;
    for (unsigned i = 1; i <= count; ++i) {
      const unsigned entry = log[i % 2]($).load(mo_acquire);
      if (entry / 2 == i || fault == F::kTagIgnored) {
        found += Take(entry % 2);
      } else {
        scan = true;
      }
    }
    for (unsigned i = 0; scan && i < 2; ++i) found += Take(i);
    // Whoever has seen the count does not look there again.
    RL_ASSERT(found >= count);
  }
  unsigned Take(unsigned position) {
    unsigned put_back = Claim(kReturned, 0);
    const auto claims = Unless(fault, F::kClaims, mo_acq_rel);
    const auto looks = Unless(fault, F::kClaims, mo_acquire);
    if (claim[position]($).load(looks) != put_back) return 0;
    if (!claim[position]($).compare_exchange_strong(put_back, Claim(kClaimedB, 0), claims,
                                                    mo_acquire)) {
      return 0;
    }
    RL_ASSERT(marks[position]($) == 1);
    return 1;
  }
};

TEST(WeakMemoryTest, WhoSeesTheCountFindsWhatWasPutBack) {
  EXPECT_HOLDS(Return<ReturnFault::kNone>);
  EXPECT_CAUGHT(Return<ReturnFault::kPutBack>);
  EXPECT_CAUGHT(Return<ReturnFault::kCounts>);
  EXPECT_CAUGHT(Return<ReturnFault::kCountedFirst>);
  EXPECT_CAUGHT(Return<ReturnFault::kLooks>);
  EXPECT_CAUGHT(Return<ReturnFault::kTagIgnored>);
  EXPECT_CAUGHT(Return<ReturnFault::kClaims>);
}

// ---- what a living participant says that it may hold is never less than what names it ----

enum class HoldFault {
  kNone,
  kAnnouncedLate,
  kReserves,
  kKeeps,
  kLetGoFirst,
  kLetsGo,
  kWindowFirst
};

template <HoldFault fault>
struct Hold : rl::test_suite<Hold<fault>, 2> {
  using F = HoldFault;
  rl::atomic<unsigned> current, high, reservation, slot;

  void before() {
    for (auto* word : {&current, &high, &reservation, &slot}) (*word)($).store(0, mo_relaxed);
  }
  void thread(unsigned index) {
    if (index == 1) return Look();
    if (fault != F::kAnnouncedLate) current($).store(1, mo_release);
    unsigned free = 0;
    reservation($).compare_exchange_strong(free, 1, Unless(fault, F::kReserves, mo_acq_rel),
                                           mo_relaxed);
    if (fault == F::kAnnouncedLate) current($).store(1, mo_release);
    // Holds::Keep, then a commit, then Holds::Drop.
    high($).store(1, mo_relaxed);
    current($).store(0, Unless(fault, F::kKeeps, mo_release));
    if (fault == F::kLetGoFirst) high($).store(0, mo_release);
    slot($).store(kReady0, mo_release);
    if (fault != F::kLetGoFirst) high($).store(0, Unless(fault, F::kLetsGo, mo_release));
  }
  // NativeSubscriber::LookAtReservation, IsSoundUncommitted and MayHold.
  void Look() {
    if (reservation($).load(mo_acquire) == 0) return;
    if (slot($).load(mo_acquire) == kReady0) return;
    bool says;
    if (fault == F::kWindowFirst) {
      says = high($).load(mo_acquire) == 1 || current($).load(mo_acquire) == 1;
    } else {
      says = current($).load(mo_acquire) == 1 || high($).load(mo_acquire) == 1;
    }
    RL_ASSERT(says || slot($).load(mo_acquire) == kReady0);
  }
};

TEST(WeakMemoryTest, NobodyLivingSaysLessThanItHolds) {
  EXPECT_HOLDS(Hold<HoldFault::kNone>);
  EXPECT_CAUGHT(Hold<HoldFault::kAnnouncedLate>);
  EXPECT_CAUGHT(Hold<HoldFault::kReserves>);
  EXPECT_CAUGHT(Hold<HoldFault::kKeeps>);
  EXPECT_CAUGHT(Hold<HoldFault::kLetGoFirst>);
  EXPECT_CAUGHT(Hold<HoldFault::kLetsGo>);
  EXPECT_CAUGHT(Hold<HoldFault::kWindowFirst>);
}

// ---- the flag: a notifier without a fence, a waiter that makes one for all ----

enum class FlagFault { kNone, kNoBarrier, kOwnFenceOnly, kLookFirst, kSeqLate };

template <FlagFault fault>
struct Flag : rl::test_suite<Flag<fault>, 2> {
  using F = FlagFault;
  rl::atomic<unsigned> slot, flag, seq;
  rl::var<unsigned> slept_on;  // 1 + the `seq` that the waiter sleeps on; 0: it does not

  void before() {
    for (auto* word : {&slot, &flag, &seq}) (*word)($).store(0, mo_relaxed);
    slept_on($) = 0;
  }
  void thread(unsigned index) { index == 0 ? Notify() : Wait(); }
  bool Look() { return slot($).load(mo_acquire) == kReady0; }
  void Wait() {
    unsigned read = fault == F::kSeqLate ? 0 : seq($).load(mo_seq_cst);
    bool ready = fault == F::kLookFirst && Look();
    unsigned up = flag($).load(mo_seq_cst);
    while (up < read + 1 &&
           !flag($).compare_exchange_strong(up, read + 1, mo_seq_cst, mo_seq_cst)) {
    }
    if (fault == F::kOwnFenceOnly) {
      rl::atomic_thread_fence(mo_seq_cst, $);
    } else if (fault != F::kNoBarrier) {
      rl::systemwide_fence($);
    }
    if (fault != F::kLookFirst) ready = Look();
    if (fault == F::kSeqLate) read = seq($).load(mo_seq_cst);
    if (!ready) slept_on($) = 1 + read;
  }
  void Notify() {
    slot($).store(kReady0, mo_release);
    if (flag($).load(mo_relaxed) == 0) return;
    unsigned seen = flag($).load(mo_seq_cst);
    if (seen == 0) return;
    seq($).fetch_add(1, mo_seq_cst);
    flag($).compare_exchange_strong(seen, 0, mo_seq_cst, mo_seq_cst);
  }
  // Nobody sleeps on the last `seq` beside a message.
  void after() { RL_ASSERT(slept_on($) != 1 + seq($).load(mo_relaxed)); }
};

// ---- two waiters, of which one makes the barrier for both ----

enum class SharedFault { kNone, kSaidFirst, kOfAnyCount };

template <SharedFault fault>
struct Shared : rl::test_suite<Shared<fault>, 3> {
  using F = SharedFault;
  rl::atomic<unsigned> slot, flag, seq, fenced;
  rl::var<unsigned> slept_on[2];

  void before() {
    slot($).store(0, mo_relaxed);
    flag($).store(0, mo_relaxed);
    seq($).store(1, mo_relaxed);
    fenced($).store(1, mo_relaxed);  // of an earlier count
    for (auto& each : slept_on) each($) = 0;
  }
  void thread(unsigned index) {
    if (index < 2) return Wait(index);
    slot($).store(kReady0, mo_release);
    if (flag($).load(mo_relaxed) != 0) seq($).fetch_add(1, mo_seq_cst);
  }
  void Wait(unsigned index) {
    const unsigned read = seq($).load(mo_seq_cst);
    const unsigned raised = read + 1;
    unsigned down = 0;
    flag($).compare_exchange_strong(down, raised, mo_seq_cst, mo_seq_cst);
    const unsigned by = fenced($).load(mo_seq_cst);
    if (fault == F::kOfAnyCount ? by == 0 : by != raised) {
      if (fault == F::kSaidFirst) fenced($).store(raised, mo_seq_cst);
      // Others may come in between: Relacy takes the barrier for a part of the step before it.
      if (fault == F::kSaidFirst) flag($).load(mo_relaxed);
      rl::systemwide_fence($);
      if (fault != F::kSaidFirst) fenced($).store(raised, mo_seq_cst);
    }
    if (slot($).load(mo_acquire) != kReady0) slept_on[index]($) = 1 + read;
  }
  void after() {
    for (auto& each : slept_on) RL_ASSERT(each($) != 1 + seq($).load(mo_relaxed));
  }
};

// ---- two notifiers, and a waiter that the first wakes: the flag that it raises then stays ----

enum class ClearFault { kNone, kBlindly };

template <ClearFault fault>
struct Clear : rl::test_suite<Clear<fault>, 3> {
  rl::atomic<unsigned> slot, flag, seq;
  rl::var<unsigned> slept_on;

  void before() {
    for (auto* word : {&slot, &flag, &seq}) (*word)($).store(0, mo_relaxed);
    slept_on($) = 0;
  }
  void thread(unsigned index) {
    if (index == 2) return Wait();
    // The first notifier's change is none that this waiter waits for.
    if (index == 1) slot($).store(kReady0, mo_release);
    unsigned seen = flag($).load(mo_relaxed);
    if (seen == 0) return;
    seq($).fetch_add(1, mo_seq_cst);
    if (fault == ClearFault::kBlindly) {
      flag($).store(0, mo_seq_cst);
    } else {
      flag($).compare_exchange_strong(seen, 0, mo_seq_cst, mo_seq_cst);
    }
  }
  void Wait() {
    for (int round = 0; round < 2; ++round) {
      const unsigned read = seq($).load(mo_seq_cst);
      unsigned up = 0;
      while (up < read + 1 &&
             !flag($).compare_exchange_strong(up, read + 1, mo_seq_cst, mo_seq_cst)) {
      }
      rl::systemwide_fence($);
      if (slot($).load(mo_acquire) == kReady0) return;
      if (seq($).load(mo_seq_cst) == read) {
        slept_on($) = 1 + read;
        return;
      }
    }
  }
  void after() { RL_ASSERT(slept_on($) != 1 + seq($).load(mo_relaxed)); }
};

TEST(WeakMemoryTest, NobodySleepsBesideAMessage) {
  EXPECT_HOLDS(Flag<FlagFault::kNone>);
  EXPECT_CAUGHT(Flag<FlagFault::kNoBarrier>);
  EXPECT_CAUGHT(Flag<FlagFault::kOwnFenceOnly>);
  EXPECT_CAUGHT(Flag<FlagFault::kLookFirst>);
  EXPECT_CAUGHT(Flag<FlagFault::kSeqLate>);
}

TEST(WeakMemoryTest, OneBarrierServesAllThatSleepAtOneCount) {
  EXPECT_HOLDS(Shared<SharedFault::kNone>);
  EXPECT_CAUGHT(Shared<SharedFault::kSaidFirst>);
  EXPECT_CAUGHT(Shared<SharedFault::kOfAnyCount>);
}

TEST(WeakMemoryTest, FlagOfANewerSleepStaysUp) {
  EXPECT_HOLDS(Clear<ClearFault::kNone>);
  EXPECT_CAUGHT(Clear<ClearFault::kBlindly>);
}

// ---- version 3's pending flag: publishers that look at it, a reader that took the permit ----

enum class PendingFault { kNone, kPublisherUnfenced, kReaderUnfenced, kLookFirst, kStored };

template <PendingFault fault>
struct Pending : rl::test_suite<Pending<fault>, 3> {
  rl::atomic<unsigned> pending, written;
  unsigned seen, posted[2];  // each thread's own

  void before() {
    pending($).store(1, mo_relaxed);
    written($).store(0, mo_relaxed);
    seen = posted[0] = posted[1] = 0;
  }
  void thread(unsigned index) {
    if (index < 2) return Enqueue(index);
    // On the permit: what is enqueued from here on has one of its own, or is seen below.
    const unsigned early = fault == PendingFault::kLookFirst ? Look() : 0;
    pending($).exchange(0, mo_seq_cst);
    if (fault != PendingFault::kReaderUnfenced) rl::atomic_thread_fence(mo_seq_cst, $);
    seen = fault == PendingFault::kLookFirst ? early : Look();
  }
  unsigned Look() { return written($).load(mo_acquire); }
  void Enqueue(unsigned index) {
    written($).fetch_add(1, mo_acq_rel);
    if (fault != PendingFault::kPublisherUnfenced) rl::atomic_thread_fence(mo_seq_cst, $);
    if (pending($).load(mo_relaxed) != 0) return;
    if (fault == PendingFault::kStored) {
      pending($).store(1, mo_seq_cst);
    } else if (pending($).exchange(1, mo_seq_cst) != 0) {
      return;
    }
    posted[index] = 1;
  }
  // Whoever reads next is told of what this reader missed, and told once.
  void after() {
    const unsigned permits = posted[0] + posted[1];
    RL_ASSERT(permits == 1 || (permits == 0 && seen == 2));
  }
};

TEST(WeakMemoryTest, NoMessageIsLeftWithoutAPermit) {
  EXPECT_HOLDS(Pending<PendingFault::kNone>);
  EXPECT_CAUGHT(Pending<PendingFault::kPublisherUnfenced>);
  EXPECT_CAUGHT(Pending<PendingFault::kReaderUnfenced>);
  EXPECT_CAUGHT(Pending<PendingFault::kLookFirst>);
  EXPECT_CAUGHT(Pending<PendingFault::kStored>);
}

}  // namespace
}  // namespace interprocess::weak_memory
