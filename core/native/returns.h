// SPDX-License-Identifier: MIT

// Messages put back below everybody's position: how subscribers come to know.

#ifndef INTERPROCESS_CORE_NATIVE_RETURNS_H_
#define INTERPROCESS_CORE_NATIVE_RETURNS_H_

#include <atomic>
#include <cstdint>

#include "core/base/step.h"
#include "core/native/queue_memory.h"

namespace interprocess::native {

// After the claim of `position` became RETURNED (release). One that stops or dies between the two
// stores has said that something was put back, and not where: the others scan for it.
inline void CountReturned(const QueueMemory& memory, uint64_t position) {
  Header& header = memory.header();
  // acq_rel: one that sees the count sees what was put back before it.
  const uint64_t count = header.returns.fetch_add(1, std::memory_order_acq_rel) + 1;
  INTERPROCESS_STEP("return.counted");
  // release: as the count.
  header.returned[count % kReturnedLog].store(ReturnedEntry::Of(count, position),
                                              std::memory_order_release);
  INTERPROCESS_STEP("return.logged");
}

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_RETURNS_H_
