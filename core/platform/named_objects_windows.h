// SPDX-License-Identifier: MIT

// Windows' objects that processes of one session find by their names and no file stands for, as the
// Cloudtoid formats prescribe them there. Their access lists let this user do everything, and
// nobody else anything; another program's object has the list that it was given.

#ifndef INTERPROCESS_CORE_PLATFORM_NAMED_OBJECTS_WINDOWS_H_
#define INTERPROCESS_CORE_PLATFORM_NAMED_OBJECTS_WINDOWS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "core/platform/handle.h"

namespace interprocess::platform {

// Memory that is backed by the page file: zeros at first, gone with its last user. Movable; the
// destructor lets go of both name and memory.
class NamedMemory {
 public:
  // FailedPrecondition if an object of another kind has the name; PermissionDenied, and
  // ResourceExhausted when there is not enough memory. An existing one keeps its size.
  static absl::StatusOr<NamedMemory> OpenOrCreate(const std::string& name, int64_t size);
  // NotFound.
  static absl::StatusOr<NamedMemory> OpenExisting(const std::string& name, bool read_only);

  NamedMemory() = default;
  NamedMemory(NamedMemory&& other) noexcept;
  NamedMemory& operator=(NamedMemory&& other) noexcept;
  ~NamedMemory();

  uint8_t* data() const { return data_; }
  // In bytes, rounded up to whole pages: what was asked for is not to be had back.
  int64_t size() const { return size_; }
  static int64_t RoundedUp(int64_t size);
  // Whether this object has made it.
  bool made() const { return made_; }

  // Counts as a user no more: the name goes with the last one. The memory stays mapped.
  void LetGo();

 private:
  static absl::StatusOr<NamedMemory> Map(const std::string& name, Handle mapping, bool read_only);

  Handle mapping_ = -1;
  uint8_t* data_ = nullptr;
  int64_t size_ = 0;
  bool made_ = false;
};

// The names of all memory of this session that begin so, sorted.
absl::StatusOr<std::vector<std::string>> NamedMemoryOf(absl::string_view prefix);

// A mutex that is held until the object goes; by the thread that took it, which must be the one
// that lets it go. Movable.
class NamedMutexLock {
 public:
  // Unavailable if another holds it for so long. One whose holder died is had like any other.
  static absl::StatusOr<NamedMutexLock> Take(const std::string& name, absl::Duration timeout);

  NamedMutexLock(NamedMutexLock&& other) noexcept;
  NamedMutexLock& operator=(NamedMutexLock&&) = delete;
  ~NamedMutexLock();

 private:
  explicit NamedMutexLock(Handle mutex) : mutex_(mutex) {}
  Handle mutex_ = -1;
};

// True is proof that the process that has this id and started at that time (as ProcessStartTime
// says of its own) runs no more.
bool ProcessHasEnded(int64_t process_id, int64_t start_time);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_NAMED_OBJECTS_WINDOWS_H_
