// SPDX-License-Identifier: MIT

// Stands in for ZeroMQ where it is not installed.

#include "benchmarks/contestants/contestant.h"

namespace interprocess::benchmarks {

Contestant ZeroMq() {
  Contestant contestant;
  contestant.name = "ZeroMQ ipc";
  contestant.skipped = "libzmq3-dev is not installed";
  return contestant;
}

}  // namespace interprocess::benchmarks
