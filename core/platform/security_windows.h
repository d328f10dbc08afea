// SPDX-License-Identifier: MIT

// Who may use what is made. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_SECURITY_WINDOWS_H_
#define INTERPROCESS_CORE_PLATFORM_SECURITY_WINDOWS_H_

#include <windows.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/directory.h"

namespace interprocess::platform {

// What others than the owner get, in the words of Windows' security descriptor language. Read,
// write and delete a file (the last to leave a queue deletes it); wait for a semaphore
// and post it.
inline constexpr char kFileRights[] = "FRFWSD";
inline constexpr char kSemaphoreRights[] = "GRGWGX";

// A security descriptor that inherits nothing: all rights for this user, `rights` for those that
// `permission` names. Movable.
class SecurityDescriptor {
 public:
  // NotFound, naming the account, if the system does not know it.
  static absl::StatusOr<SecurityDescriptor> For(const Permission& permission,
                                                absl::string_view rights);
  // All rights for this user, for a directory and what is made in it.
  static absl::StatusOr<SecurityDescriptor> ForOwnDirectory();

  // Valid for as long as this is.
  SECURITY_ATTRIBUTES* attributes() { return &attributes_; }

 private:
  struct Free {
    void operator()(void* memory) const { LocalFree(memory); }
  };
  static absl::StatusOr<SecurityDescriptor> Parse(const std::string& text);

  explicit SecurityDescriptor(void* descriptor)
      : descriptor_(descriptor), attributes_{sizeof attributes_, descriptor, FALSE} {}

  std::unique_ptr<void, Free> descriptor_;
  SECURITY_ATTRIBUTES attributes_;
};

// All accounts that may write the open file, by their SIDs.
absl::StatusOr<Permission> PermissionOfFile(HANDLE file, const std::string& path);

// OK if the open directory belongs to this user and no other may write in it, but for the system
// and its administrators, which may anyway; else PermissionDenied.
absl::Status CheckOwnDirectory(HANDLE directory, const std::string& path);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_SECURITY_WINDOWS_H_
