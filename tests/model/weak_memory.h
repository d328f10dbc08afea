// SPDX-License-Identifier: MIT

// The hottest steps of core/native in every execution that release and acquire allow, each look at
// an old value included, by the explorer Relacy. (The models beside this are sequentially
// consistent.) Each case is checked as the code has it, and with one order weakened or two steps
// swapped at a time, which must be found.
//
// Slots, positions and laps are few and plain here; orders and their places are those of the code.
//
// To be included after all other headers: Relacy redefines words of the language.

#ifndef INTERPROCESS_TESTS_MODEL_WEAK_MEMORY_H_
#define INTERPROCESS_TESTS_MODEL_WEAK_MEMORY_H_

#include <stdio.h>

#include <ostream>

#include "gtest/gtest.h"
// After gtest, whose macros need the words as they were.
#include <relacy/relacy.hpp>
#undef new
#undef delete

namespace interprocess::weak_memory {

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

// The order of a step, which is relaxed where `fault` is the fault of that step.
template <typename Fault>
constexpr rl::memory_order Unless(Fault fault, Fault which, rl::memory_order order) {
  return fault == which ? mo_relaxed : order;
}

// A slot's word, of lap 0 or 1; 0: not yet written.
enum SlotWord : unsigned { kReady0 = 1, kReady1 = 2, kVoid0 = 3 };
// A claim's word: lap and state. Done is kFree of the next lap.
enum ClaimState : unsigned { kFree, kReturned, kClaimedA, kClaimedB };
constexpr unsigned Claim(ClaimState state, unsigned lap) { return state + 4 * lap; }

}  // namespace interprocess::weak_memory

#endif  // INTERPROCESS_TESTS_MODEL_WEAK_MEMORY_H_
