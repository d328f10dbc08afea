// SPDX-License-Identifier: MIT

#include "benchmarks/allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

thread_local int64_t allocations = 0;

void* Allocate(size_t size, size_t alignment) {
  ++allocations;
  void* memory = alignment <= alignof(std::max_align_t)
                     ? malloc(size)
                     : aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The array and nothrow forms of the library call these.
void* operator new(size_t size) { return Allocate(size == 0 ? 1 : size, 1); }
void* operator new(size_t size, std::align_val_t alignment) {
  return Allocate(size == 0 ? 1 : size, static_cast<size_t>(alignment));
}
void operator delete(void* memory) noexcept { free(memory); }
void operator delete(void* memory, size_t) noexcept { free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { free(memory); }

namespace interprocess::benchmarks {

int64_t Allocations() { return allocations; }

}  // namespace interprocess::benchmarks
