// SPDX-License-Identifier: MIT

// Reads a fuzzer's bytes as numbers: whatever the bytes are, they mean something, and a small
// change of them is a small change of what they mean.

#ifndef INTERPROCESS_TESTS_FUZZ_INPUT_H_
#define INTERPROCESS_TESTS_FUZZ_INPUT_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace interprocess::fuzz {

// Zeros follow the last byte.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  uint8_t Byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  bool Bool() { return (Byte() & 1) != 0; }
  uint64_t Below(uint64_t limit) {
    return limit <= 256 ? Byte() % limit : Number<uint64_t>() % limit;
  }
  template <typename Integer>
  Integer Number() {
    Integer value = 0;
    const size_t there = size_ < sizeof(value) ? size_ : sizeof(value);
    if (there != 0) std::memcpy(&value, data_, there);
    data_ += there;
    size_ -= there;
    return value;
  }
  // What is often looked for: small, near a power of two, near the largest, anything.
  uint64_t Odd() {
    switch (Byte() % 4) {
      case 0:
        return Byte();
      case 1: {
        const uint8_t byte = Byte();
        return (uint64_t{1} << (byte % 64)) + (byte >> 6) - 1;
      }
      case 2:
        return UINT64_MAX - Byte() % 4;
      default:
        return Number<uint64_t>();
    }
  }

  const uint8_t* rest() const { return data_; }

 private:
  const uint8_t* data_;
  size_t size_;
};

[[noreturn]] inline void Fail(const char* file, int line, const char* condition, const char* why) {
  std::fprintf(stderr, "%s:%d: not true: %s%s%s\n", file, line, condition, *why ? ": " : "", why);
  std::abort();
}

// Aborts, which is what a fuzzer takes for a finding. `why` is a C string.
#define FUZZ_CHECK(condition, why)                                                     \
  do {                                                                                 \
    if (!(condition)) ::interprocess::fuzz::Fail(__FILE__, __LINE__, #condition, why); \
  } while (false)

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_INPUT_H_
