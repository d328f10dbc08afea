// SPDX-License-Identifier: MIT

// Memory that a measurement's processes share.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_SHARED_MEMORY_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_SHARED_MEMORY_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

#include "benchmarks/harness/crew.h"

namespace interprocess::benchmarks {

// Bytes that are zero at first, on pages of their own. Made before the fork; every process unmaps
// its own view.
class SharedMemory {
 public:
  explicit SharedMemory(size_t size) : size_(size) {
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED) FailMeasurement("mmap: no shared memory");
    data_ = static_cast<uint8_t*>(memory);
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory() { munmap(data_, size_); }

  uint8_t* data() const { return data_; }

 private:
  size_t size_;
  uint8_t* data_;
};

// One object in such memory.
template <typename T>
class Shared {
  static_assert(std::is_trivially_destructible_v<T>, "no process may destroy it for the others");

 public:
  Shared() : memory_(sizeof(T)), object_(new (memory_.data()) T) {}

  T* get() const { return object_; }
  T* operator->() const { return object_; }
  T& operator*() const { return *object_; }

 private:
  SharedMemory memory_;
  T* object_;
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_SHARED_MEMORY_H_
