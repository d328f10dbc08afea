// SPDX-License-Identifier: MIT

#ifndef INTERPROCESS_CORE_BASE_COPY_BYTES_H_
#define INTERPROCESS_CORE_BASE_COPY_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"

namespace interprocess::base {

// memcpy for messages: what a slot or a unit of payload holds is copied in line, by moves that may
// overlap, for a call and its dispatch would take a quarter of the time of a whole enqueue.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void CopyBytes(uint8_t* to, const uint8_t* from, size_t size) {
  auto ends = [&](auto chunk) ABSL_ATTRIBUTE_ALWAYS_INLINE {
    decltype(chunk) first, last;
    std::memcpy(&first, from, sizeof(chunk));
    std::memcpy(&last, from + size - sizeof(chunk), sizeof(chunk));
    std::memcpy(to, &first, sizeof(chunk));
    std::memcpy(to + size - sizeof(chunk), &last, sizeof(chunk));
  };
  // Of the size of a register: compilers move larger ones through the stack.
  struct Half {
    uint64_t words[2];
  };
  if (size > 64) {
    std::memcpy(to, from, size);
  } else if (ABSL_PREDICT_TRUE(size >= 32)) {
    Half first, second, third, last;
    std::memcpy(&first, from, 16);
    std::memcpy(&second, from + 16, 16);
    std::memcpy(&third, from + size - 32, 16);
    std::memcpy(&last, from + size - 16, 16);
    std::memcpy(to, &first, 16);
    std::memcpy(to + 16, &second, 16);
    std::memcpy(to + size - 32, &third, 16);
    std::memcpy(to + size - 16, &last, 16);
  } else if (size >= 16) {
    ends(Half{});
  } else if (size >= 8) {
    ends(uint64_t{});
  } else if (size >= 4) {
    ends(uint32_t{});
  } else if (size >= 2) {
    ends(uint16_t{});
  } else if (size == 1) {
    *to = *from;
  }
}

}  // namespace interprocess::base

#endif  // INTERPROCESS_CORE_BASE_COPY_BYTES_H_
