// SPDX-License-Identifier: MIT

// How often this process has allocated.

#ifndef BENCHMARKS_ALLOCATIONS_H_
#define BENCHMARKS_ALLOCATIONS_H_

#include <cstdint>

namespace interprocess::benchmarks {

// Calls of any operator new so far, by the calling thread. Linking this replaces operator new.
int64_t Allocations();

}  // namespace interprocess::benchmarks

#endif  // BENCHMARKS_ALLOCATIONS_H_
