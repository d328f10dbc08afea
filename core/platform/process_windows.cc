// SPDX-License-Identifier: MIT

#include <windows.h>

#include <atomic>
#include <cstdint>

#include "core/platform/process.h"
#include "core/platform/windows_calls.h"

// RtlGenRandom, under the name that advapi32 exports it by.
extern "C" BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

namespace interprocess::platform {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// What ForkGeneration reads before InitForkGeneration; never written.
constexpr std::atomic<uint64_t> zero_word{0};
// And after it: this system does not fork.
constexpr std::atomic<uint64_t> only_generation{1};

int64_t TicksPerSecond() {
  // The same for as long as the system runs.
  static const int64_t ticks = [] {
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    return int64_t{frequency.QuadPart};
  }();
  return ticks;
}

}  // namespace

int64_t MonotonicNanos() {
  LARGE_INTEGER now;
  QueryPerformanceCounter(&now);
  const int64_t second = TicksPerSecond();
  // In two parts, or the product overflows after a quarter of an hour.
  return now.QuadPart / second * kNanosPerSecond + now.QuadPart % second * kNanosPerSecond / second;
}

int64_t CoarseWallNanos() {
  FILETIME now;
  GetSystemTimeAsFileTime(&now);
  return NanosSince1970(now);
}

int64_t CoarseMonotonicNanos() { return MonotonicNanos(); }

int64_t ProcessId() { return GetCurrentProcessId(); }

int64_t ProcessStartTime() {
  FILETIME created, exited, kernel, user;
  if (!GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user)) return 0;
  return NanosSince1970(created);
}

uint32_t UserId() { return 0; }
uint32_t UserIdOutside() { return 0; }

uint64_t RandomWord() {
  uint64_t word = 0;
  if (!SystemFunction036(&word, sizeof word)) {
    // Time and process tell draws apart.
    word = static_cast<uint64_t>(MonotonicNanos()) * 0x9e3779b97f4a7c15u ^
           static_cast<uint64_t>(ProcessId()) << 32;
  }
  return word;
}

std::atomic<const std::atomic<uint64_t>*> fork_generation{&zero_word};

uint64_t InitForkGeneration() {
  // relaxed: neither word ever changes.
  fork_generation.store(&only_generation, std::memory_order_relaxed);
  return ForkGeneration();
}

bool ProcessBarrierAvailable() { return true; }

bool ProcessBarrier() {
  FlushProcessWriteBuffers();
  return true;
}

bool SharedBarrierAvailable() { return false; }

bool SharedBarrier() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return false;
}

}  // namespace interprocess::platform
