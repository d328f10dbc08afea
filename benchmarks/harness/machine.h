// SPDX-License-Identifier: MIT

// The machine that a benchmark runs on: its clock and its cores.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_MACHINE_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_MACHINE_H_

#include <time.h>

#include <cstdint>
#include <string>

namespace interprocess::benchmarks {

// CLOCK_MONOTONIC, which all processes read alike.
inline int64_t NowNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline void CpuRelax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

// The cores that this process may run on, counted before anything is pinned.
int CoreCount();

// The core of the worker of that number: all cores in turn. Where there are more workers than
// cores, the order turns by one each time round, so that publishers (even) and subscribers (odd)
// meet on each core: two publishers run truly at once.
int CoreOfWorker(int worker);

// Keeps this process on one core. `core` counts the cores that the process may use.
void PinToCore(int core);

// Lets this process run on all of them again.
void Unpin();

// The processor (model name, family, model and stepping where the system tells them), the cores,
// the hypervisor and the kernel, in one line: figures of two machines
// never mix.
const std::string& DescribeMachine();

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_MACHINE_H_
