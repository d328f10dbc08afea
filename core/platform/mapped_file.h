// SPDX-License-Identifier: MIT

// A file's bytes in memory, shared with every process that maps them.

#ifndef INTERPROCESS_CORE_PLATFORM_MAPPED_FILE_H_
#define INTERPROCESS_CORE_PLATFORM_MAPPED_FILE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "core/platform/directory.h"

namespace interprocess::platform {

// Movable; the destructor unmaps. The mapping outlives the File that it was made from. Aligned to a
// page at least.
class MappedFile {
 public:
  // Maps the first `size` bytes. The caller has checked that the file is at least that long.
  static absl::StatusOr<MappedFile> Map(const File& file, size_t size, bool read_only);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  MappedFile(uint8_t* data, size_t size) : data_(data), size_(size) {}
  uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_MAPPED_FILE_H_
