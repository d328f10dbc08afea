// SPDX-License-Identifier: MIT

// The directory of a queue, kept open from opening an endpoint to leaving: the last to leave
// reaches it after the process has changed its root or its user, or has used up its handles.

#ifndef INTERPROCESS_CORE_PLATFORM_KEPT_DIRECTORY_H_
#define INTERPROCESS_CORE_PLATFORM_KEPT_DIRECTORY_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "core/platform/directory.h"

namespace interprocess::platform {

// One user's share in an open directory. All that a process keeps of one directory share one
// handle, which the last of them closes; a child made by fork() closes its copy at once. Movable,
// thread-compatible; different objects may be used by several threads at once.
class KeptDirectory {
 public:
  // Windows keeps only the path, and opens it again in Get: an open directory could not be removed
  // by others.
  static absl::StatusOr<KeptDirectory> Keep(Directory directory);

  KeptDirectory() = default;
  KeptDirectory(KeptDirectory&& other) noexcept;
  KeptDirectory& operator=(KeptDirectory&& other) noexcept;
  ~KeptDirectory() { Drop(); }

  // The directory, which is valid as long as this object. FailedPrecondition if nothing is kept, if
  // it was kept by the parent of this forked process, or if something else in the process has
  // closed the handle.
  absl::StatusOr<const Directory*> Get() const;

  // Directory::Lock. Where no handle can be opened for it (none is free, or this user may not), the
  // lock is on the kept one. This object outlives the lock.
  absl::StatusOr<DirectoryLock> Lock(absl::Duration timeout) const;

 private:
  struct Node;
  struct Registry;
  void Drop();
  Node* node_ = nullptr;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_KEPT_DIRECTORY_H_
