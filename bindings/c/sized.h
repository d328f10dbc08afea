// SPDX-License-Identifier: MIT

// Structs of callers that were compiled with another version of the header.

#ifndef INTERPROCESS_BINDINGS_C_SIZED_H_
#define INTERPROCESS_BINDINGS_C_SIZED_H_

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"
#include "bindings/c/error.h"
#include "core/base/version.h"
#include "interprocess.h"

namespace interprocess::c {

// The size that the struct had in the first version of the library. A struct that has grown since
// names its first size here.
template <typename Struct>
inline constexpr size_t kFirstSize = sizeof(Struct);
// What no version will have: such a size was never set.
inline constexpr size_t kMostSize = 4096;

// IPQ_OK if a caller's struct, which may be null, has a size that makes sense.
template <typename Struct>
int CheckSized(const char* name, const Struct* given) {
  if (ABSL_PREDICT_TRUE(given != nullptr && given->struct_size == sizeof(Struct))) return IPQ_OK;
  if (given == nullptr) return Fail(IPQ_INVALID_ARGUMENT, absl::StrCat(name, " is null"));
  if (given->struct_size >= kFirstSize<Struct> && given->struct_size <= kMostSize) return IPQ_OK;
  return Fail(IPQ_INVALID_ARGUMENT,
              absl::StrCat(name, " has the struct_size ", given->struct_size, "; version ",
                           kVersion, " of the library knows ", kFirstSize<Struct>, " to ",
                           kMostSize, ", and ", sizeof(Struct), " as its own"));
}

// Fills a caller's struct that CheckSized found good, as far as it goes.
template <typename Struct>
void Fill(Struct* to, Struct from) {
  const size_t size = to->struct_size;
  from.struct_size = size;
  if (ABSL_PREDICT_TRUE(size == sizeof(Struct))) {
    *to = from;
    return;
  }
  std::memcpy(to, &from, std::min(size, sizeof(Struct)));
  if (size > sizeof(Struct)) {
    std::memset(reinterpret_cast<char*>(to) + sizeof(Struct), 0, size - sizeof(Struct));
  }
}

// Reads a caller's struct that CheckSized found good: `defaults` where it is too short. False if it
// sets something behind what this library knows.
template <typename Struct>
bool Read(const Struct* from, Struct defaults, Struct* to) {
  const size_t size = from->struct_size;
  *to = defaults;
  std::memcpy(to, from, std::min(size, sizeof(Struct)));
  const char* bytes = reinterpret_cast<const char*>(from);
  return size <= sizeof(Struct) ||
         std::all_of(bytes + sizeof(Struct), bytes + size, [](char byte) { return byte == 0; });
}

// The struct at `index` of an array whose elements all have the first one's size.
template <typename Struct>
Struct* At(Struct* array, size_t index) {
  return reinterpret_cast<Struct*>(reinterpret_cast<char*>(array) + index * array->struct_size);
}
template <typename Struct>
const Struct* At(const Struct* array, size_t index) {
  return At(const_cast<Struct*>(array), index);
}

}  // namespace interprocess::c

#endif  // INTERPROCESS_BINDINGS_C_SIZED_H_
