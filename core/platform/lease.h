// Leases: locks on single bytes far behind a file's end that the system drops when their holder
// ends, however it ends. A free lease is proof that its holder writes no more.

#ifndef INTERPROCESS_CORE_PLATFORM_LEASE_H_
#define INTERPROCESS_CORE_PLATFORM_LEASE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/platform/directory.h"
#include "core/platform/handle.h"
#include "core/platform/private_handle.h"

namespace interprocess::platform {

enum class LeaseMode { kShared, kExclusive };

// One endpoint's access to the leases of one file. It is an open file of its own that is never
// mapped (a mapping would keep the locks alive), belongs to this process alone (a forked child
// closes it at once), and holds its locks independently of every other LeaseFile, in this process
// too. In a forked child every method fails with FailedPrecondition. Movable, thread-compatible.
class LeaseFile {
 public:
  // A second, independent open of `file`, which need not have its name any more.
  static absl::StatusOr<LeaseFile> Open(const File& file);

  LeaseFile() = default;
  LeaseFile(LeaseFile&&) noexcept = default;
  LeaseFile& operator=(LeaseFile&&) noexcept = default;
  ~LeaseFile() = default;  // drops all locks

  // True if the lock was had, false if another holds it in a mode that excludes this one. Never
  // waits. Locks do not nest: locking again changes the mode.
  absl::StatusOr<bool> TryLock(uint32_t lease, LeaseMode mode);
  absl::Status Unlock(uint32_t lease);

  // True if any other LeaseFile, in any process, holds a lease of [first, first + count)
  // exclusively. Takes nothing and disturbs nobody.
  absl::StatusOr<bool> IsHeldExclusively(uint32_t first, uint32_t count) const;

  void Close();

 private:
  absl::StatusOr<Handle> OpenHandle() const;

  PrivateHandle handle_;
  std::string path_;  // for messages
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_LEASE_H_
