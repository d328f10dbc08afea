// SPDX-License-Identifier: MIT

// What the processor offers: pauses, ticks, prefetches, single-instruction counters.

#ifndef INTERPROCESS_CORE_PLATFORM_CPU_H_
#define INTERPROCESS_CORE_PLATFORM_CPU_H_

#include <atomic>
#include <cstdint>

#include "core/platform/clock.h"

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace interprocess::platform {

// A short pause for a loop that waits on another core (PAUSE, YIELD).
inline void CpuRelax() {
#if defined(_MSC_VER) && !defined(__clang__)
  _mm_pause();
#elif defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield" ::: "memory");
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

// A clock of the processor: a few instructions to read, of a rate of its own, equal on all cores.
// TicksOf is exact to a factor of four.
inline uint64_t Ticks() {
#if defined(_MSC_VER) && !defined(__clang__) && defined(_M_X64)
  return __rdtsc();
#elif defined(__x86_64__) || defined(__i386__)
  return __builtin_ia32_rdtsc();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  uint64_t ticks;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return static_cast<uint64_t>(MonotonicNanos());
#endif
}
inline uint64_t TicksOf(int64_t nanos) {
#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64)
  return static_cast<uint64_t>(nanos) * 5 / 2;
#elif defined(__aarch64__) && !defined(_MSC_VER)
  uint64_t rate;
  asm("mrs %0, cntfrq_el0" : "=r"(rate));
  return static_cast<uint64_t>(nanos) * rate / 1'000'000'000;
#else
  return static_cast<uint64_t>(nanos);
#endif
}

// Asks for the line that holds `address`, to be written soon. Never faults.
inline void PrefetchForWrite(const void* address) {
#if defined(_MSC_VER) && !defined(__clang__)
  _m_prefetchw(address);
#elif defined(__x86_64__)
  // Not the builtin: without a flag for it compilers take the instruction for reading, and the line
  // is asked for twice. Processors that lack it take it for no operation.
  asm volatile("prefetchw %0" ::"m"(*static_cast<const char*>(address)));
#else
  __builtin_prefetch(address, 1);
#endif
}

// Adds to a counter that this thread alone writes, and others read: a relaxed load and store.
inline void AddAsOnlyWriter(std::atomic<uint64_t>& counter, uint64_t count) {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
  // One instruction; compilers make three.
  asm volatile("addq %1, %0" : "+m"(counter) : "er"(count) : "cc");
#else
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
#endif
}

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_CPU_H_
