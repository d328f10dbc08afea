// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "core/platform/nameless_file.h"
#include "core/platform/open_handle.h"
#include "core/platform/posix_calls.h"

namespace interprocess::platform {
namespace {

// linkat by the handle itself (AT_EMPTY_PATH) needs a capability; by this link it needs none.
std::string LinkOf(int handle) { return absl::StrCat("/proc/self/fd/", handle); }

}  // namespace

int OpenNamelessFile(int directory, mode_t mode) {
  const int handle = OpenHandle(directory, ".", O_TMPFILE | O_RDWR, mode);
  if (handle < 0) {
    // EISDIR, EINVAL: what kernels and file systems say that take O_TMPFILE for something else.
    if (errno == EISDIR || errno == EINVAL) errno = EOPNOTSUPP;
    return -1;
  }
  if (access(LinkOf(handle).c_str(), F_OK) != 0) {  // no /proc here
    close(handle);
    errno = EOPNOTSUPP;
    return -1;
  }
  return handle;
}

int NameFile(int handle, int directory, const std::string& name) {
  return RetryOnInterrupt([&] {
    return linkat(AT_FDCWD, LinkOf(handle).c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW);
  });
}

}  // namespace interprocess::platform
