// SPDX-License-Identifier: MIT

// Messages one behind the other in a caller's memory: each one's size (or result, result.h) in 8
// bytes in the machine's order, its bytes, and what is missing to a multiple of 8.

#ifndef INTERPROCESS_BINDINGS_FACE_FRAMES_H_
#define INTERPROCESS_BINDINGS_FACE_FRAMES_H_

#include <cstdint>

namespace interprocess::face {

inline constexpr int64_t kFrameHeader = 8;

// The bytes of a message with what follows it to the next; `size` is at most 2^62.
constexpr int64_t PaddedSize(int64_t size) { return (size + 7) / 8 * 8; }

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_FRAMES_H_
