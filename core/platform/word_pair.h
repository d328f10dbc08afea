// SPDX-License-Identifier: MIT

// Two neighbouring words in shared memory that change as one.

#ifndef INTERPROCESS_CORE_PLATFORM_WORD_PAIR_H_
#define INTERPROCESS_CORE_PLATFORM_WORD_PAIR_H_

#include <atomic>
#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace interprocess::platform {

struct WordPair {
  int64_t first = 0;
  int64_t second = 0;
};

// Replaces the word at `first`, which lies at a multiple of 16, and the one behind it by `desired`
// if they are `expected`, in one step; false if they are not. seq_cst. Works between processes,
// and beside atomic accesses to one of the words: it is an instruction of the processor, never a
// lock of a library (which std::atomic of 16 bytes may be).
inline bool CompareExchangePair(std::atomic<int64_t>& first, WordPair expected, WordPair desired) {
#if defined(_MSC_VER) && !defined(__clang__)
  return _InterlockedCompareExchange128(reinterpret_cast<volatile int64_t*>(&first), desired.second,
                                        desired.first, &expected.first) != 0;
#elif defined(__x86_64__)
  // Not the builtin: without a flag for it compilers call a library. All processors that run
  // today's systems have the instruction.
  bool exchanged;
  asm volatile("lock cmpxchg16b %1"
               : "=@ccz"(exchanged), "+m"(*reinterpret_cast<WordPair*>(&first)),
                 "+a"(expected.first), "+d"(expected.second)
               : "b"(desired.first), "c"(desired.second)
               : "memory");
  return exchanged;
#else
  // Little-endian: the first word is the low one.
  using Both = unsigned __int128;
  const auto both = [](WordPair pair) {
    return Both{static_cast<uint64_t>(pair.second)} << 64 | static_cast<uint64_t>(pair.first);
  };
  return __sync_bool_compare_and_swap(reinterpret_cast<Both*>(&first), both(expected),
                                      both(desired));
#endif
}

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_WORD_PAIR_H_
