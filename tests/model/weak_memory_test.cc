// SPDX-License-Identifier: MIT

// What publishers and subscribers do with the words of a position: see weak_memory.h.

#include "tests/model/weak_memory.h"

namespace interprocess::weak_memory {
namespace {

// ---- a message's way: write, commit, claim, read, done, and the next one over it ----

enum class MessageFault { kNone, kCommit, kDone, kPublisherLooks, kSubscriberLooks, kAnyLap };

template <MessageFault fault>
struct Message : rl::test_suite<Message<fault>, 3> {
  using F = MessageFault;
  rl::atomic<unsigned> slot, about, claim;
  rl::var<unsigned> bytes;

  void before() {
    slot($).store(0, mo_relaxed);
    about($).store(0, mo_relaxed);
    claim($).store(Claim(kFree, 0), mo_relaxed);
    bytes($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) {
      Publish(0);
      Publish(1);
    } else {
      Take(index == 1 ? kClaimedA : kClaimedB);
      if (index == 1) Take(kClaimedA);
    }
  }
  void Publish(unsigned lap) {
    const auto looks = Unless(fault, F::kPublisherLooks, mo_acquire);
    if (lap > 0 && claim($).load(looks) != Claim(kFree, lap)) return;
    bytes($) = 1 + lap;
    about($).store(1 + lap, mo_relaxed);
    slot($).store(1 + lap, Unless(fault, F::kCommit, mo_release));
  }
  void Take(ClaimState mine) {
    const unsigned seen = slot($).load(Unless(fault, F::kSubscriberLooks, mo_acquire));
    if (seen == 0) return;
    const unsigned lap = seen - 1;
    const unsigned length = about($).load(mo_relaxed);
    unsigned free = Claim(kFree, lap);
    if (fault == F::kAnyLap) {
      free = claim($).load(mo_acquire);
      if (free % 4 != kFree) return;
    }
    if (!claim($).compare_exchange_strong(free, Claim(mine, lap), mo_acq_rel, mo_acquire)) return;
    RL_ASSERT(length == 1 + lap);
    RL_ASSERT(bytes($) == 1 + lap);
    claim($).store(Claim(kFree, lap + 1), Unless(fault, F::kDone, mo_release));
  }
};

TEST(WeakMemoryTest, AMessageIsSeenWholeAndWrittenOverWhenItWasRead) {
  EXPECT_HOLDS(Message<MessageFault::kNone>);
  EXPECT_CAUGHT(Message<MessageFault::kCommit>);
  EXPECT_CAUGHT(Message<MessageFault::kDone>);
  EXPECT_CAUGHT(Message<MessageFault::kPublisherLooks>);
  EXPECT_CAUGHT(Message<MessageFault::kSubscriberLooks>);
  EXPECT_CAUGHT(Message<MessageFault::kAnyLap>);
}

// ---- helping `end` of position 1 in a ring of two slots, while 2 and 3 are reserved ----

// Lap + 1 and the end itself.
constexpr unsigned End(unsigned lap, unsigned end) { return 16 * (lap + 1) + end; }

enum class HelpFault { kNone, kStores, kReadLate };

template <HelpFault fault>
struct HelpEnd : rl::test_suite<HelpEnd<fault>, 3> {
  using F = HelpFault;
  rl::atomic<unsigned> end0, end1;  // each position takes one unit
  rl::atomic<unsigned> done1;       // the message of position 1
  bool third;                       // position 3 was reserved

  void before() {
    third = false;
    done1($).store(0, mo_relaxed);
    end0($).store(End(0, 1), mo_relaxed);
    end1($).store(0, mo_relaxed);  // position 1 is reserved, and its end not stored
  }
  void thread(unsigned index) {
    if (index == 0) {
      end1($).store(End(0, 2), mo_release);
      done1($).store(1, mo_release);
    } else if (index == 1) {
      Help();
    } else {
      // The publishers of 2 and 3. Position 3 is reserved when the message of 1 is done.
      if (end1($).load(mo_acquire) != End(0, 2)) return;
      end0($).store(End(1, 3), mo_release);
      if (done1($).load(mo_acquire) == 0) return;
      end1($).store(End(1, 4), mo_release);
      third = true;
    }
  }
  void Help() {
    unsigned found = end1($).load(mo_acquire);
    if (found != 0) return;
    const unsigned before = end0($).load(mo_acquire);
    if (before / 16 != 1) return;
    if (fault == F::kReadLate) found = end1($).load(mo_acquire);
    const unsigned right = End(0, before % 16 + 1);
    if (fault == F::kStores) {
      end1($).store(right, mo_release);
    } else {
      end1($).compare_exchange_strong(found, right, mo_acq_rel, mo_relaxed);
    }
  }
  // No value of lap 0 comes after that of lap 1, which thread 2 alone stores.
  void after() {
    const unsigned end = end1($).load(mo_relaxed);
    RL_ASSERT(end == End(0, 2) || end == End(1, 4));
    RL_ASSERT(!third || end == End(1, 4));
  }
};

// ---- what a publisher inherits from the one before it, which alone looked at old claims ----

enum class ChainFault {
  kNone,
  kDone,
  kLooks,
  kReserves,
  kEndStore,
  kEndLoad,
  kHelperLooks,
  kHelps
};

template <ChainFault fault>
struct Chain : rl::test_suite<Chain<fault>, 4> {
  using F = ChainFault;
  rl::atomic<unsigned> old_claim, reservation, end;
  rl::var<unsigned> payload;  // of the old claim's message

  void before() {
    old_claim($).store(Claim(kClaimedA, 0), mo_relaxed);
    reservation($).store(0, mo_relaxed);
    end($).store(0, mo_relaxed);
    payload($) = 7;
  }
  void thread(unsigned index) {
    if (index == 0) {
      RL_ASSERT(payload($) == 7);
      old_claim($).store(Claim(kFree, 1), Unless(fault, F::kDone, mo_release));
    } else if (index == 1) {
      if (old_claim($).load(Unless(fault, F::kLooks, mo_acquire)) != Claim(kFree, 1)) return;
      unsigned free = 0;
      reservation($).compare_exchange_strong(free, 1, Unless(fault, F::kReserves, mo_acq_rel),
                                             mo_relaxed);
      end($).store(1, Unless(fault, F::kEndStore, mo_release));
    } else if (index == 2) {
      if (reservation($).load(Unless(fault, F::kHelperLooks, mo_acquire)) == 0) return;
      unsigned none = 0;
      end($).compare_exchange_strong(none, 1, Unless(fault, F::kHelps, mo_acq_rel), mo_relaxed);
    } else {
      if (end($).load(Unless(fault, F::kEndLoad, mo_acquire)) == 0) return;
      payload($) = 8;  // the room that the old message gave up
    }
  }
};

TEST(WeakMemoryTest, HelpingNeverMakesAnEndWrong) {
  EXPECT_HOLDS(HelpEnd<HelpFault::kNone>);
  EXPECT_CAUGHT(HelpEnd<HelpFault::kStores>);
  EXPECT_CAUGHT(HelpEnd<HelpFault::kReadLate>);
}

TEST(WeakMemoryTest, WhoReservesSeesWhatThoseBeforeItSaw) {
  EXPECT_HOLDS(Chain<ChainFault::kNone>);
  EXPECT_CAUGHT(Chain<ChainFault::kDone>);
  EXPECT_CAUGHT(Chain<ChainFault::kLooks>);
  EXPECT_CAUGHT(Chain<ChainFault::kReserves>);
  EXPECT_CAUGHT(Chain<ChainFault::kEndStore>);
  EXPECT_CAUGHT(Chain<ChainFault::kEndLoad>);
  EXPECT_CAUGHT(Chain<ChainFault::kHelperLooks>);
  EXPECT_CAUGHT(Chain<ChainFault::kHelps>);
}

// ---- the hint `released`: of the positions below it only the last is looked at again ----

enum class HintFault { kNone, kDone, kWalk, kStore, kLoad };

template <HintFault fault>
struct Hint : rl::test_suite<Hint<fault>, 3> {
  using F = HintFault;
  rl::atomic<unsigned> claim0, claim1, released;
  rl::var<unsigned> payload0;

  void before() {
    claim0($).store(Claim(kClaimedA, 0), mo_relaxed);
    claim1($).store(Claim(kFree, 1), mo_relaxed);
    released($).store(0, mo_relaxed);
    payload0($) = 7;
  }
  void thread(unsigned index) {
    if (index == 0) {
      RL_ASSERT(payload0($) == 7);
      claim0($).store(Claim(kFree, 1), Unless(fault, F::kDone, mo_release));
    } else if (index == 1) {
      const auto walks = Unless(fault, F::kWalk, mo_acquire);
      if (claim0($).load(walks) != Claim(kFree, 1)) return;
      if (claim1($).load(walks) != Claim(kFree, 1)) return;
      released($).store(2, Unless(fault, F::kStore, mo_release));
    } else {
      if (released($).load(Unless(fault, F::kLoad, mo_acquire)) != 2) return;
      if (claim1($).load(mo_acquire) != Claim(kFree, 1)) return;
      payload0($) = 8;
    }
  }
};

TEST(WeakMemoryTest, WalkOfAnotherIsAsGoodAsOnesOwn) {
  EXPECT_HOLDS(Hint<HintFault::kNone>);
  EXPECT_CAUGHT(Hint<HintFault::kDone>);
  EXPECT_CAUGHT(Hint<HintFault::kWalk>);
  EXPECT_CAUGHT(Hint<HintFault::kStore>);
  EXPECT_CAUGHT(Hint<HintFault::kLoad>);
}

// ---- order beside a reservation that was passed by ----

enum class OrderFault { kNone, kLooks, kCommits, kListFirst };

template <OrderFault fault>
struct PassedBy : rl::test_suite<PassedBy<fault>, 2> {
  using F = OrderFault;
  rl::atomic<unsigned> slot0, slot1;

  void before() {
    slot0($).store(0, mo_relaxed);
    slot1($).store(0, mo_relaxed);
  }
  void thread(unsigned index) {
    if (index == 0) {
      slot0($).store(kReady0, mo_release);
      slot1($).store(kReady0, Unless(fault, F::kCommits, mo_release));
      return;
    }
    bool first = fault == F::kListFirst && slot0($).load(mo_acquire) == kReady0;
    if (slot1($).load(Unless(fault, F::kLooks, mo_acquire)) != kReady0) return;
    if (fault != F::kListFirst) first = slot0($).load(mo_acquire) == kReady0;
    RL_ASSERT(first);
  }
};

TEST(WeakMemoryTest, WhatWasPassedByGoesFirst) {
  EXPECT_HOLDS(PassedBy<OrderFault::kNone>);
  EXPECT_CAUGHT(PassedBy<OrderFault::kLooks>);
  EXPECT_CAUGHT(PassedBy<OrderFault::kCommits>);
  EXPECT_CAUGHT(PassedBy<OrderFault::kListFirst>);
}

// ---- a dead one's reservation, made void by two that have proof, and the next lap over it ----

enum class VoidFault { kNone, kStores, kSkips, kSkipStores, kPublisherLooks };

template <VoidFault fault>
struct Void : rl::test_suite<Void<fault>, 3> {
  using F = VoidFault;
  rl::atomic<unsigned> slot, claim;
  rl::var<unsigned> end;  // stands for what the resolver put right before

  void before() {
    slot($).store(0, mo_relaxed);
    claim($).store(Claim(kFree, 0), mo_relaxed);
    end($) = 0;
  }
  void thread(unsigned index) {
    if (index < 2) return Resolve(index);
    // The publisher of the next lap.
    if (claim($).load(Unless(fault, F::kPublisherLooks, mo_acquire)) != Claim(kFree, 1)) return;
    RL_ASSERT(end($) == 1);
    slot($).store(kReady1, mo_release);
    // A subscriber claims it.
    unsigned free = Claim(kFree, 1);
    claim($).compare_exchange_strong(free, Claim(kClaimedA, 1), mo_acq_rel, mo_relaxed);
  }
  void Resolve(unsigned index) {
    if (index == 0) end($) = 1;
    unsigned seen = slot($).load(mo_acquire);
    if (seen == 0) {
      // The second one comes when the first has done its part, or sleeps meanwhile.
      if (index == 0 || fault == F::kStores) {
        if (fault == F::kStores) {
          slot($).store(kVoid0, mo_release);
        } else if (!slot($).compare_exchange_strong(seen, kVoid0, mo_acq_rel, mo_relaxed)) {
          return;
        }
      } else {
        return;
      }
    } else if (seen != kVoid0) {
      return;
    }
    unsigned free = Claim(kFree, 0);
    if (fault == F::kSkipStores) {
      claim($).store(Claim(kFree, 1), mo_release);
    } else {
      claim($).compare_exchange_strong(free, Claim(kFree, 1), Unless(fault, F::kSkips, mo_acq_rel),
                                       mo_relaxed);
    }
  }
  void after() {
    if (slot($).load(mo_relaxed) == kReady1) {
      RL_ASSERT(claim($).load(mo_relaxed) == Claim(kClaimedA, 1));
    } else {
      RL_ASSERT(claim($).load(mo_relaxed) / 4 != 1 || claim($).load(mo_relaxed) % 4 != kClaimedA);
    }
  }
};

TEST(WeakMemoryTest, DeadReservationIsMadeVoidOnceWhoeverSlept) {
  EXPECT_HOLDS(Void<VoidFault::kNone>);
  EXPECT_CAUGHT(Void<VoidFault::kStores>);
  EXPECT_CAUGHT(Void<VoidFault::kSkips>);
  EXPECT_CAUGHT(Void<VoidFault::kSkipStores>);
  EXPECT_CAUGHT(Void<VoidFault::kPublisherLooks>);
}

}  // namespace
}  // namespace interprocess::weak_memory
