// SPDX-License-Identifier: MIT

// Sizes that the rings have in common.

#ifndef INTERPROCESS_BENCHMARKS_CONTESTANTS_RING_GEOMETRY_H_
#define INTERPROCESS_BENCHMARKS_CONTESTANTS_RING_GEOMETRY_H_

#include <cstdint>

#include "benchmarks/harness/throughput.h"

namespace interprocess::benchmarks {

inline uint64_t RoundUp(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

// As many messages as fill the capacity, rounded down to a power of two.
inline uint64_t CellCount(const ChannelOptions& options) {
  uint64_t cells = 1;
  while (cells * 2 * options.message_size <= options.capacity) cells *= 2;
  return cells;
}

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_CONTESTANTS_RING_GEOMETRY_H_
