// SPDX-License-Identifier: MIT

// A private place for queues, sockets and other things with names.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_SCRATCH_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_SCRATCH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace interprocess::benchmarks {

// A directory of this run in memory (/dev/shm), made by the first call and removed with all that is
// in it when the program ends. First called before any fork.
const std::string& ScratchDirectory();

// A name that nothing in the run has had yet, the same in workers forked after the call.
std::string UniqueName(absl::string_view prefix);

// Removes what measurements that are over have left in the directory.
void EmptyScratchDirectory();

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_SCRATCH_H_
