// SPDX-License-Identifier: MIT

// Memory that a process shares with the children that it forks afterwards.

#ifndef INTERPROCESS_TESTS_STRESS_SHARED_MEMORY_H_
#define INTERPROCESS_TESTS_STRESS_SHARED_MEMORY_H_

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <cstddef>

namespace interprocess::stress {

// `count` zeroed Ts, for which all bytes zero must be a sound value.
template <typename T>
class SharedArray {
 public:
  explicit SharedArray(size_t count) : count_(count) {
    void* memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      perror("mmap");
      abort();
    }
    data_ = static_cast<T*>(memory);
  }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;
  ~SharedArray() { munmap(data_, count_ * sizeof(T)); }

  size_t size() const { return count_; }
  T& operator[](size_t index) const { return data_[index]; }
  T* data() const { return data_; }

 private:
  size_t count_;
  T* data_;
};

}  // namespace interprocess::stress

#endif  // INTERPROCESS_TESTS_STRESS_SHARED_MEMORY_H_
