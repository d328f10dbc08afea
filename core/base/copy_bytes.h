#ifndef INTERPROCESS_CORE_BASE_COPY_BYTES_H_
#define INTERPROCESS_CORE_BASE_COPY_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"

namespace interprocess::base {

// memcpy for messages: what a slot or a unit of payload holds is copied in line, by two moves that
// may overlap, for a call and its dispatch would take a quarter of the time of a whole enqueue.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void CopyBytes(uint8_t* to, const uint8_t* from, size_t size) {
  auto ends = [&](auto chunk) ABSL_ATTRIBUTE_ALWAYS_INLINE {
    decltype(chunk) first, last;
    std::memcpy(&first, from, sizeof(chunk));
    std::memcpy(&last, from + size - sizeof(chunk), sizeof(chunk));
    std::memcpy(to, &first, sizeof(chunk));
    std::memcpy(to + size - sizeof(chunk), &last, sizeof(chunk));
  };
  struct Half {
    uint64_t words[2];
  };
  struct Whole {
    uint64_t words[4];
  };
  if (size > 64) {
    std::memcpy(to, from, size);
  } else if (size >= 32) {
    ends(Whole{});
  } else if (size >= 16) {
    ends(Half{});
  } else if (size >= 8) {
    ends(uint64_t{});
  } else if (size >= 4) {
    ends(uint32_t{});
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

}  // namespace interprocess::base

#endif  // INTERPROCESS_CORE_BASE_COPY_BYTES_H_
