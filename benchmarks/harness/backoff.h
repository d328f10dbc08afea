// SPDX-License-Identifier: MIT

// How a worker waits for a full queue to drain or an empty one to fill: the same for all.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_BACKOFF_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_BACKOFF_H_

#include <sched.h>

#include "benchmarks/harness/machine.h"

namespace interprocess::benchmarks {

// Pauses that grow: a poller that looks every few nanoseconds steals the line that the other side
// writes. Then it offers the core to the other threads on it.
class Backoff {
 public:
  void Reset() { pauses_ = 1; }
  void Wait() {
    if (pauses_ > kMostPauses) {
      sched_yield();
      return;
    }
    for (int i = 0; i < pauses_; ++i) CpuRelax();
    pauses_ *= 2;
  }

 private:
  static constexpr int kMostPauses = 16;
  int pauses_ = 1;
};

// For answers as quick as can be: one short pause between looks. The rare yield is for machines
// with one core.
class Polling {
 public:
  void Wait() {
    CpuRelax();
    if (++looks_ % 1024 == 0) sched_yield();
  }

 private:
  unsigned looks_ = 0;
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_BACKOFF_H_
