// SPDX-License-Identifier: MIT

#include <errno.h>
#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "core/platform/os_error.h"

namespace interprocess::platform {

absl::StatusOr<MappedFile> MappedFile::Map(const File& file, size_t size, bool read_only) {
  if (size == 0) {
    return absl::InvalidArgumentError(absl::StrCat("mmap '", file.path(), "': the size is 0"));
  }
  void* data = mmap(nullptr, size, read_only ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED,
                    file.handle(), 0);
  if (data == MAP_FAILED) return OsError("mmap", file.path(), errno);
  return MappedFile(static_cast<uint8_t*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    if (data_ != nullptr) munmap(data_, size_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

}  // namespace interprocess::platform
