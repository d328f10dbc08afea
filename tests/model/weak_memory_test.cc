// SPDX-License-Identifier: MIT

// The hottest steps of core/native in every execution that release and acquire allow, each look at
// an old value included, by the explorer Relacy. (The models beside this are sequentially
// consistent.) Each case is checked as the code has it, and with one order weakened at a time,
// which must be found. The last is of core/cloudtoid.
//
// Slots, positions and laps are few and plain here, orders and their places are those of the code.

#include <stdio.h>

#include <ostream>

#include "gtest/gtest.h"
// After all others: it redefines words of the language, which gtest's macros need as they were.
#include <relacy/relacy.hpp>
#undef new
#undef delete

namespace {

using rl::mo_acq_rel;
using rl::mo_acquire;
using rl::mo_relaxed;
using rl::mo_release;
using rl::mo_seq_cst;

// How many executions were explored; none if one of them went wrong.
template <typename Case>
uint64_t Explore() {
  std::ostream ignored(nullptr);
  rl::test_params params;
  params.search_type = rl::sched_full;
  params.output_stream = &ignored;
  params.progress_stream = &ignored;
  return rl::simulate<Case>(params) ? static_cast<uint64_t>(params.stop_iteration) : 0;
}

#define EXPECT_HOLDS(...)                                                                       \
  do {                                                                                          \
    const uint64_t executions = Explore<__VA_ARGS__>();                                         \
    EXPECT_GT(executions, 1u) << #__VA_ARGS__;                                                  \
    printf("%s: %llu executions\n", #__VA_ARGS__, static_cast<unsigned long long>(executions)); \
  } while (false)
#define EXPECT_CAUGHT(...) EXPECT_EQ(Explore<__VA_ARGS__>(), 0u) << #__VA_ARGS__

// A word: state and lap.
enum State : unsigned { kFree, kReserved, kReady, kClaimed };
constexpr unsigned Word(State state, unsigned lap) { return state + 4 * lap; }

// ---- a message's way: reserve, write, commit, claim, read, release, and the next one over it ----

enum class MessageFault { kNone, kCommit, kRelease, kPublisherLooks, kSubscriberLooks };

template <MessageFault fault>
struct Message : rl::test_suite<Message<fault>, 2> {
  static constexpr rl::memory_order Unless(MessageFault which, rl::memory_order order) {
    return fault == which ? mo_relaxed : order;
  }
  rl::atomic<unsigned> word;
  rl::var<unsigned> bytes;

  void before() {
    word($).store(Word(kFree, 0), mo_relaxed);
    bytes($) = 0;
  }
  void thread(unsigned index) {
    for (unsigned lap = 0; lap < 2; ++lap) index == 0 ? Publish(lap) : Take();
  }
  void Publish(unsigned lap) {
    unsigned seen = word($).load(Unless(MessageFault::kPublisherLooks, mo_acquire));
    if (seen != Word(kFree, lap)) return;
    if (!word($).compare_exchange_strong(seen, Word(kReserved, lap),
                                         Unless(MessageFault::kPublisherLooks, mo_acq_rel),
                                         mo_relaxed)) {
      return;
    }
    bytes($) = 1 + lap;
    word($).store(Word(kReady, lap), Unless(MessageFault::kCommit, mo_release));
  }
  void Take() {
    unsigned seen = word($).load(Unless(MessageFault::kSubscriberLooks, mo_acquire));
    if (seen % 4 != kReady) return;
    const unsigned lap = seen / 4;
    if (!word($).compare_exchange_strong(seen, Word(kClaimed, lap),
                                         Unless(MessageFault::kSubscriberLooks, mo_acq_rel),
                                         mo_relaxed)) {
      return;
    }
    RL_ASSERT(bytes($) == 1 + lap);
    word($).store(Word(kFree, lap + 1), Unless(MessageFault::kRelease, mo_release));
  }
};

TEST(WeakMemory, AMessageIsSeenWholeAndWrittenOverWhenItWasRead) {
  EXPECT_HOLDS(Message<MessageFault::kNone>);
  EXPECT_CAUGHT(Message<MessageFault::kCommit>);
  EXPECT_CAUGHT(Message<MessageFault::kRelease>);
  EXPECT_CAUGHT(Message<MessageFault::kPublisherLooks>);
  EXPECT_CAUGHT(Message<MessageFault::kSubscriberLooks>);
}

// ---- helping `end` of position 1 in a ring of two slots, while position 2 is reserved over 0 ----

enum class HelpFault { kNone, kEndStore, kEndLoad, kWordFirst };

template <HelpFault fault>
struct HelpEnd : rl::test_suite<HelpEnd<fault>, 2> {
  static constexpr rl::memory_order Unless(HelpFault which, rl::memory_order order) {
    return fault == which ? mo_relaxed : order;
  }
  static constexpr unsigned kEnd0 = 1, kEnd1 = 2, kEnd2 = 3;  // each of one unit
  rl::atomic<unsigned> word0, end0, end1;

  void before() {
    word0($).store(Word(kFree, 1), mo_relaxed);  // position 0 was released
    end0($).store(kEnd0, mo_relaxed);
    end1($).store(0, mo_relaxed);  // position 1 is reserved, and its `end` not stored
  }
  void thread(unsigned index) {
    if (index == 1) return Help();
    // The publisher of position 1, then one of position 2.
    end1($).store(kEnd1, Unless(HelpFault::kEndStore, mo_release));
    unsigned seen = Word(kFree, 1);
    word0($).compare_exchange_strong(seen, Word(kReserved, 1), mo_acq_rel, mo_relaxed);
    end0($).store(kEnd2, Unless(HelpFault::kEndStore, mo_release));
  }
  void Help() {
    unsigned next = fault == HelpFault::kWordFirst ? word0($).load(mo_acquire) : 0;
    unsigned found = end1($).load(Unless(HelpFault::kEndLoad, mo_acquire));
    const unsigned before = end0($).load(Unless(HelpFault::kEndLoad, mo_acquire));
    if (fault != HelpFault::kWordFirst) next = word0($).load(mo_acquire);
    if (next != Word(kFree, 1)) return;
    const unsigned right = before + 1;
    if (found != right) {
      end1($).compare_exchange_strong(found, right, mo_acq_rel, mo_relaxed);
    }
  }
  void after() { RL_ASSERT(end1($).load(mo_relaxed) == kEnd1); }
};

TEST(WeakMemory, HelpingNeverMakesAnEndWrong) {
  EXPECT_HOLDS(HelpEnd<HelpFault::kNone>);
  EXPECT_CAUGHT(HelpEnd<HelpFault::kEndStore>);
  EXPECT_CAUGHT(HelpEnd<HelpFault::kEndLoad>);
  EXPECT_CAUGHT(HelpEnd<HelpFault::kWordFirst>);
}

// ---- the walk for room, from position 2 in a ring of two slots, while another reserves 2 ----

enum class WalkFault { kNone, kEndStore, kEndLoad, kNotAgain, kWordLoad, kRelease };

template <WalkFault fault>
struct Walk : rl::test_suite<Walk<fault>, 3> {
  static constexpr rl::memory_order Unless(WalkFault which, rl::memory_order order) {
    return fault == which ? mo_relaxed : order;
  }
  static constexpr unsigned kEnd0 = 1, kEnd1 = 2, kEnd2 = 3;
  rl::atomic<unsigned> word0, word1, end0;
  rl::var<unsigned> payload0;  // of position 0

  void before() {
    word0($).store(Word(kClaimed, 0), mo_relaxed);
    word1($).store(Word(kReady, 0), mo_relaxed);
    end0($).store(kEnd0, mo_relaxed);
    payload0($) = 7;
  }
  void thread(unsigned index) {
    if (index == 0) {
      // The subscriber that holds position 0.
      RL_ASSERT(payload0($) == 7);
      word0($).store(Word(kFree, 1), Unless(WalkFault::kRelease, mo_release));
    } else if (index == 1) {
      // Another publisher of position 2, for an inline message.
      unsigned seen = word0($).load(mo_acquire);
      if (seen == Word(kFree, 1) &&
          word0($).compare_exchange_strong(seen, Word(kReserved, 1), mo_acq_rel, mo_relaxed)) {
        end0($).store(kEnd2, Unless(WalkFault::kEndStore, mo_release));
      }
    } else {
      FindRoom();
    }
  }
  void FindRoom() {
    const rl::memory_order looks = Unless(WalkFault::kWordLoad, mo_acquire);
    unsigned word = word0($).load(looks);
    if (word != Word(kFree, 1)) return;
    if (word0($).load(looks) != Word(kFree, 1)) return;
    if (word1($).load(looks) == Word(kFree, 1)) return;  // all is released: no `end` is read
    const unsigned start = end0($).load(Unless(WalkFault::kEndLoad, mo_acquire));
    if (fault != WalkFault::kNotAgain && word0($).load(looks) != word) return;
    RL_ASSERT(start == kEnd0);
    const rl::memory_order reserves = fault == WalkFault::kWordLoad ? mo_relaxed : mo_acq_rel;
    if (!word0($).compare_exchange_strong(word, Word(kReserved, 1), reserves, mo_relaxed)) return;
    payload0($) = 8;  // the room that position 0 gave up
  }
};

TEST(WeakMemory, RoomIsKeptOnlyWhileItsEndsStand) {
  EXPECT_HOLDS(Walk<WalkFault::kNone>);
  EXPECT_CAUGHT(Walk<WalkFault::kEndStore>);
  EXPECT_CAUGHT(Walk<WalkFault::kEndLoad>);
  EXPECT_CAUGHT(Walk<WalkFault::kNotAgain>);
  EXPECT_CAUGHT(Walk<WalkFault::kWordLoad>);
  EXPECT_CAUGHT(Walk<WalkFault::kRelease>);
}

// ---- the flag: a notifier without a fence, a waiter that makes one for all ----

enum class FlagFault { kNone, kNoBarrier, kOwnFenceOnly, kLookFirst, kSeqLate };

template <FlagFault fault>
struct Flag : rl::test_suite<Flag<fault>, 2> {
  rl::atomic<unsigned> word, flag, seq;
  rl::var<unsigned> slept_on;  // 1 + the `seq` that the waiter sleeps on; 0: it does not

  void before() {
    word($).store(Word(kReserved, 0), mo_relaxed);
    flag($).store(0, mo_relaxed);
    seq($).store(0, mo_relaxed);
    slept_on($) = 0;
  }
  void thread(unsigned index) {
    if (index == 0) return Notify();
    unsigned read = fault == FlagFault::kSeqLate ? 0 : seq($).load(mo_seq_cst);
    bool ready = fault == FlagFault::kLookFirst && Look();
    flag($).store(1, mo_seq_cst);
    if (fault == FlagFault::kOwnFenceOnly) {
      rl::atomic_thread_fence(mo_seq_cst, $);
    } else if (fault != FlagFault::kNoBarrier) {
      rl::systemwide_fence($);
    }
    if (fault != FlagFault::kLookFirst) ready = Look();
    if (fault == FlagFault::kSeqLate) read = seq($).load(mo_seq_cst);
    if (!ready) slept_on($) = 1 + read;
  }
  bool Look() { return word($).load(mo_acquire) == Word(kReady, 0); }
  void Notify() {
    word($).store(Word(kReady, 0), mo_release);
    if (flag($).load(mo_relaxed) == 0) return;
    flag($).exchange(0, mo_seq_cst);
    seq($).fetch_add(1, mo_seq_cst);
  }
  // Nobody sleeps on the last `seq` beside a message.
  void after() { RL_ASSERT(slept_on($) != 1 + seq($).load(mo_relaxed)); }
};

TEST(WeakMemory, NobodySleepsBesideAMessage) {
  EXPECT_HOLDS(Flag<FlagFault::kNone>);
  EXPECT_CAUGHT(Flag<FlagFault::kNoBarrier>);
  EXPECT_CAUGHT(Flag<FlagFault::kOwnFenceOnly>);
  EXPECT_CAUGHT(Flag<FlagFault::kLookFirst>);
  EXPECT_CAUGHT(Flag<FlagFault::kSeqLate>);
}

// ---- giving back, and the count that tells of it ----

enum class ReturnFault { kNone, kCountRelaxed, kCountedFirst, kLookRelaxed };

template <ReturnFault fault>
struct Return : rl::test_suite<Return<fault>, 2> {
  rl::atomic<unsigned> word, returns;

  void before() {
    word($).store(Word(kClaimed, 0), mo_relaxed);
    returns($).store(0, mo_relaxed);
  }
  void thread(unsigned index) {
    if (index == 0) {
      const rl::memory_order counts = fault == ReturnFault::kCountRelaxed ? mo_relaxed : mo_release;
      if (fault == ReturnFault::kCountedFirst) returns($).fetch_add(1, counts);
      word($).store(Word(kReady, 0), mo_release);
      if (fault != ReturnFault::kCountedFirst) returns($).fetch_add(1, counts);
      return;
    }
    const rl::memory_order looks = fault == ReturnFault::kLookRelaxed ? mo_relaxed : mo_acquire;
    // Who has seen the count does not look there again.
    if (returns($).load(looks) == 1) RL_ASSERT(word($).load(mo_acquire) == Word(kReady, 0));
  }
};

TEST(WeakMemory, WhoSeesTheCountSeesWhatWasPutBack) {
  EXPECT_HOLDS(Return<ReturnFault::kNone>);
  EXPECT_CAUGHT(Return<ReturnFault::kCountRelaxed>);
  EXPECT_CAUGHT(Return<ReturnFault::kCountedFirst>);
  EXPECT_CAUGHT(Return<ReturnFault::kLookRelaxed>);
}

// ---- order beside a reservation that was passed by ----

enum class OrderFault { kNone, kLookRelaxed, kCommitRelaxed, kListFirst };

template <OrderFault fault>
struct PassedBy : rl::test_suite<PassedBy<fault>, 2> {
  rl::atomic<unsigned> word0, word1;

  void before() {
    word0($).store(Word(kReserved, 0), mo_relaxed);
    word1($).store(Word(kReserved, 0), mo_relaxed);
  }
  void thread(unsigned index) {
    if (index == 0) {
      word0($).store(Word(kReady, 0), mo_release);
      word1($).store(Word(kReady, 0),
                     fault == OrderFault::kCommitRelaxed ? mo_relaxed : mo_release);
      return;
    }
    const rl::memory_order looks = fault == OrderFault::kLookRelaxed ? mo_relaxed : mo_acquire;
    bool first = fault == OrderFault::kListFirst && word0($).load(mo_acquire) == Word(kReady, 0);
    if (word1($).load(looks) != Word(kReady, 0)) return;
    if (fault != OrderFault::kListFirst) first = word0($).load(mo_acquire) == Word(kReady, 0);
    RL_ASSERT(first);
  }
};

TEST(WeakMemory, WhatWasPassedByGoesFirst) {
  EXPECT_HOLDS(PassedBy<OrderFault::kNone>);
  EXPECT_CAUGHT(PassedBy<OrderFault::kLookRelaxed>);
  EXPECT_CAUGHT(PassedBy<OrderFault::kCommitRelaxed>);
  EXPECT_CAUGHT(PassedBy<OrderFault::kListFirst>);
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

TEST(WeakMemory, NoMessageIsLeftWithoutAPermit) {
  EXPECT_HOLDS(Pending<PendingFault::kNone>);
  EXPECT_CAUGHT(Pending<PendingFault::kPublisherUnfenced>);
  EXPECT_CAUGHT(Pending<PendingFault::kReaderUnfenced>);
  EXPECT_CAUGHT(Pending<PendingFault::kLookFirst>);
  EXPECT_CAUGHT(Pending<PendingFault::kStored>);
}

}  // namespace
