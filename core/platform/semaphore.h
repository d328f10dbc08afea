// SPDX-License-Identifier: MIT

// Named counting semaphores of the system, shared by all processes that know the name.

#ifndef INTERPROCESS_CORE_PLATFORM_SEMAPHORE_H_
#define INTERPROCESS_CORE_PLATFORM_SEMAPHORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/directory.h"

namespace interprocess::platform {

// The longest name here, in bytes, without what the system puts before it ('/', "Local\").
extern const size_t kMaxSemaphoreNameLength;
// Every system takes a name of at most this many bytes (macOS has the shortest, 31 with '/').
inline constexpr size_t kPortableSemaphoreNameLength = 30;
// The highest value that one may be made with.
inline constexpr uint32_t kMaxSemaphoreInitialValue = 0x7fffffff;

enum class SemaphoreOpen { kOpenOrCreate, kCreateNew, kOpenExisting };

struct SemaphoreOptions {
  SemaphoreOpen open = SemaphoreOpen::kOpenOrCreate;
  // What follows is for one that is made; one that exists stays as it is.
  uint32_t initial_value = 0;
  Permission access;  // of an account only Windows takes notice
  // The permission bits to give it in place of `access`'s. Windows, which has none, takes 'all of
  // the others' bits for kEveryone, of the group's for kGroup, else kOwner.
  std::optional<uint32_t> mode;
  // Whether the process's umask takes bits away from the mode. (It always does on macOS, which
  // has no call that would give them back.)
  bool apply_umask = false;
  // Windows: whether the name is one of the machine's (Global\) rather than of this session
  // (Local\), also for one that exists. All names are the machine's elsewhere.
  bool machine_wide = false;
};

// An open semaphore. Its memory is the system's: it stays sound when a user of it dies, but permits
// that the dead took or posted stay taken or posted. One that was removed goes on working among
// those who have it open. Movable; the destructor closes. The const methods and Post may be called
// by several threads at once.
class NamedSemaphore {
 public:
  // InvalidArgument for a name that is empty, too long or holds '/' or NUL ('\' on Windows) and for
  // too high an initial value; PermissionDenied if this user may not use the one that has the name;
  // AlreadyExists, NotFound by `open`. Every message holds the name.
  static absl::StatusOr<NamedSemaphore> Open(const std::string& name,
                                             const SemaphoreOptions& options);

  // Takes the name away; NotFound if nothing has it. On Windows the name goes with the last handle,
  // and this does nothing.
  static absl::Status Remove(const std::string& name);

  NamedSemaphore() = default;
  NamedSemaphore(NamedSemaphore&& other) noexcept;
  NamedSemaphore& operator=(NamedSemaphore&& other) noexcept;
  ~NamedSemaphore() { Close(); }

  bool is_open() const { return handle_ != nullptr; }
  const std::string& name() const { return name_; }

  // Adds a permit, which wakes one that waits. OK, and nothing is added, at the maximum value.
  // Never waits. A thread that gets the permit sees what was written before.
  absl::Status Post() const;

  // Takes a permit if there is one. Never waits.
  bool TryWait() const;

  // Takes a permit, waiting up to `timeout_ns` for one; true if it was had. Measured on a clock
  // that is never set; signals do not end it. Not positive: as TryWait.
  absl::StatusOr<bool> Wait(int64_t timeout_ns) const;

  // How many permits there are, out of date when it returns. Unimplemented on macOS.
  absl::StatusOr<int> Value() const;

  void Close();
  // In a forked child: forgets it without closing, which might wait for a thread that is not there.
  void Forget() { handle_ = nullptr; }

 private:
  void* handle_ = nullptr;
  std::string name_;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_SEMAPHORE_H_
