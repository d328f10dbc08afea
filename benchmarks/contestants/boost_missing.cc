// SPDX-License-Identifier: MIT

// Stands in for Boost where it is not installed.

#include "benchmarks/contestants/contestant.h"

namespace interprocess::benchmarks {
namespace {

Contestant Missing(const char* name) {
  Contestant contestant;
  contestant.name = name;
  contestant.skipped = "libboost-dev is not installed";
  return contestant;
}

}  // namespace

Contestant BoostQueue() { return Missing("Boost message_queue"); }
Contestant BoostSleeping() { return Missing("Boost message_queue, blocking"); }

}  // namespace interprocess::benchmarks
