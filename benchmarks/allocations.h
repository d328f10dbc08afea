// SPDX-License-Identifier: MIT

// How often this process has allocated.

#ifndef INTERPROCESS_BENCHMARKS_ALLOCATIONS_H_
#define INTERPROCESS_BENCHMARKS_ALLOCATIONS_H_

#include <cstdint>

namespace interprocess::benchmarks {

// Calls of any operator new so far, by the calling thread. Linking this replaces operator new.
int64_t Allocations();

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_ALLOCATIONS_H_
