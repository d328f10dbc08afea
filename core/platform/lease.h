// SPDX-License-Identifier: MIT

// Leases: locks of a file, by number, that the system drops when their holder ends, however it
// ends. A free lease is proof that its holder writes no more.

#ifndef INTERPROCESS_CORE_PLATFORM_LEASE_H_
#define INTERPROCESS_CORE_PLATFORM_LEASE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/directory.h"
#include "core/platform/handle.h"
#include "core/platform/private_handle.h"

namespace interprocess::platform {

enum class LeaseMode { kShared, kExclusive };

// True where each lease that is held is a file, which a holder that is killed leaves: it goes when
// somebody locks and unlocks that lease again.
extern const bool kLeasesLeaveFiles;

// One endpoint's access to the leases of one file. It is an open file of its own that is never
// mapped (a mapping would keep the locks alive), belongs to this process alone (a forked child
// closes it at once), and holds its locks independently of every other LeaseFile, in this process
// too. In a forked child every method fails with FailedPrecondition. Movable, thread-compatible.
class LeaseFile {
 public:
  // A second, independent open of `file`, which need not have its name any more. Unimplemented,
  // naming the call, if the system or the file system has no such locks.
  static absl::StatusOr<LeaseFile> Open(const File& file);

  LeaseFile() = default;
  LeaseFile(LeaseFile&&) noexcept = default;
  LeaseFile& operator=(LeaseFile&& other) noexcept {
    if (this != &other) {
      Close();
      handle_ = std::move(other.handle_);
      path_ = std::move(other.path_);
      prefix_ = std::move(other.prefix_);
      access_ = other.access_;
      held_ = std::move(other.held_);
      modes_ = std::move(other.modes_);
    }
    return *this;
  }
  ~LeaseFile() { Close(); }  // drops all locks

  // True if the lock was had, false if another holds it in a mode that excludes this one. Never
  // waits. Locks do not nest: locking again changes the mode.
  absl::StatusOr<bool> TryLock(uint32_t lease, LeaseMode mode);
  absl::Status Unlock(uint32_t lease);

  // True if any other LeaseFile, in any process, holds a lease of [first, first + count)
  // exclusively. Takes nothing and disturbs nobody.
  absl::StatusOr<bool> IsHeldExclusively(uint32_t first, uint32_t count) const;

  // FailedPrecondition if something else in this process has closed the handle, as closefrom and
  // close_range do, or if it is the parent's. Every method above looks first, but for a look at one
  // lease: no lock is touched of a file that has the handle's number by now.
  absl::Status Check() const { return OpenHandle().status(); }

  void Close();

 private:
  absl::StatusOr<Handle> OpenHandle() const;

  PrivateHandle handle_;  // what the locks are on, or the directory of their files
  std::string path_;      // for messages
  // Where leases are files (kLeasesLeaveFiles): how their names begin, which users may open them,
  // and those that are held.
  std::string prefix_;
  Access access_ = Access::kOwner;
  std::map<uint32_t, PrivateHandle> held_;
  // Where the system does not tell: those that are held, and how.
  std::map<uint32_t, LeaseMode> modes_;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_LEASE_H_
