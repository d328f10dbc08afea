// SPDX-License-Identifier: MIT

// Facts about this process and its clock.

#ifndef INTERPROCESS_CORE_PLATFORM_PROCESS_H_
#define INTERPROCESS_CORE_PLATFORM_PROCESS_H_

#include <atomic>
#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace interprocess::platform {

// CLOCK_MONOTONIC (Windows: QueryPerformanceCounter) in nanoseconds: the same for all processes of
// the machine, never set back.
int64_t MonotonicNanos();

// The time of day since 1970 in nanoseconds, to a few milliseconds, at the price of a few
// instructions.
int64_t CoarseWallNanos();

// The clock of MonotonicNanos as it was a few milliseconds ago at most, where the
// system keeps such a time at the price of a few instructions; else as it is.
int64_t CoarseMonotonicNanos();

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

// A clock of the processor's: a few instructions to read, of a rate of its own, the same on all
// cores. TicksOf is exact to a factor of four.
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

int64_t ProcessId();
// When the process started, in nanoseconds of the wall clock since 1970 (0 if the system does not
// tell); with the id it names a process in reports. Never used to tell whether one lives.
int64_t ProcessStartTime();
// The user's id as a number (0 on systems without).
uint32_t UserId();
// That id as the parent of this process's user namespace knows it (UserId, where the system does
// not tell, or has no such namespaces): in containers of different users, 0 is not one user.
uint32_t UserIdOutside();

// 64 bits that no other process is likely to draw.
uint64_t RandomWord();

// Fork detection. The value is 0 in no process that has called InitForkGeneration; a child made by
// fork (also _Fork and clone) reads another value than its parent had. One load a check.
// Any thread may call it at any time, and again in a child, which then gets a value of its own that
// none of its ancestors had.
uint64_t InitForkGeneration();
// Points at a word that is 0 until the first InitForkGeneration. Atomic, because that may come in
// one thread while others look.
extern std::atomic<const std::atomic<uint64_t>*> fork_generation;
inline uint64_t ForkGeneration() {
  // Relaxed: the values order nothing but themselves.
  return fork_generation.load(std::memory_order_relaxed)->load(std::memory_order_relaxed);
}

// A barrier in every thread of this process at once (membarrier), so that the frequent side of an
// exchange "I store, then load; you store, then load" needs no fence but a compiler's. Available
// says whether the system has it (asked once, which may register the process); where it has not,
// both sides need a full fence. ProcessBarrier returns false if the system refuses what it offered
// before (a filter of system calls that was installed since): then it was a fence of the caller
// alone.
bool ProcessBarrierAvailable();
bool ProcessBarrier();

// The same for all processes that have called SharedBarrierAvailable and were told true.
bool SharedBarrierAvailable();
bool SharedBarrier();

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_PROCESS_H_
