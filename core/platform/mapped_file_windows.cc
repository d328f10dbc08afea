// SPDX-License-Identifier: MIT

#include <windows.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {

absl::StatusOr<MappedFile> MappedFile::Map(const File& file, size_t size, bool read_only) {
  ABSL_ASSIGN_OR_RETURN(int64_t file_size, file.Size());
  if (size == 0 || file_size < 0 || size > static_cast<uint64_t>(file_size)) {
    return absl::InvalidArgumentError(
        absl::StrCat("map '", file.path(), "': ", size, " bytes wanted of a file of ", file_size));
  }
  // Without a name: its users share it by the file, so no session is left out and
  // no privilege asked for. The size is the file's: a larger one would make the file grow.
  OwnedHandle mapping(CreateFileMappingW(
      AsHandle(file.handle()), nullptr, read_only ? PAGE_READONLY : PAGE_READWRITE, 0, 0, nullptr));
  if (!mapping.is_open()) return LastError("CreateFileMapping", file.path());
  void* data = MapViewOfFile(mapping.get(), read_only ? FILE_MAP_READ : FILE_MAP_WRITE, 0, 0, size);
  if (data == nullptr) return LastError("MapViewOfFile", file.path());
  return MappedFile(static_cast<uint8_t*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  if (this != &other) {
    if (data_ != nullptr) UnmapViewOfFile(data_);
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) UnmapViewOfFile(data_);
}

}  // namespace interprocess::platform
