// SPDX-License-Identifier: MIT

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/open_handle.h"
#include "core/platform/process.h"

namespace interprocess::platform {

// Not in a folder for temporary files: those are cleaned of what nobody has opened for some days,
// and a lease whose file is gone looks free (lease_flock.cc).
std::string DefaultDirectory() {
  const char* home = getenv("HOME");
  if (home == nullptr || *home == '\0') {
    LowHandleGuard guard;
    const passwd* user = getpwuid(geteuid());
    home = user == nullptr ? "/var/empty" : user->pw_dir;
  }
  return absl::StrCat(home, "/Library/Application Support/interprocess-", UserId());
}

}  // namespace interprocess::platform
