// SPDX-License-Identifier: MIT

#ifndef INTERPROCESS_CORE_CLOUDTOID_BUFFER_H_
#define INTERPROCESS_CORE_CLOUDTOID_BUFFER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace interprocess::cloudtoid {

// Private memory for one message, at a multiple of 64. Movable. A move leaves the bytes where they
// are.
class Buffer {
 public:
  // Frees the memory that the buffer has, and gives it other memory. False if there is none.
  bool Allocate(size_t size) {
    bytes_.reset(new (kAlignment, std::nothrow) uint8_t[size == 0 ? 1 : size]);
    capacity_ = bytes_ == nullptr ? 0 : size;
    return bytes_ != nullptr;
  }
  bool Holds(size_t size) const { return bytes_ != nullptr && size <= capacity_; }
  uint8_t* data() const { return bytes_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Delete {
    void operator()(uint8_t* bytes) const { operator delete[](bytes, kAlignment); }
  };
  std::unique_ptr<uint8_t[], Delete> bytes_;
  size_t capacity_ = 0;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_BUFFER_H_
