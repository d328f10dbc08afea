// SPDX-License-Identifier: MIT

#include <stdlib.h>
#include <sys/stat.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/process.h"

namespace interprocess::platform {

// FreeBSD has no /dev/shm.
std::string DefaultDirectory() {
  struct stat found;
  std::string parent = "/dev/shm";
  if (stat(parent.c_str(), &found) != 0 || !S_ISDIR(found.st_mode)) {
    const char* temporary = getenv("TMPDIR");
    parent = temporary != nullptr && *temporary != '\0' ? temporary : "/tmp";
  }
  return absl::StrCat(parent, "/interprocess-", UserIdOutside());
}

}  // namespace interprocess::platform
