// SPDX-License-Identifier: MIT

// For systems without nameless files: files are made under a temporary name.

#include <errno.h>
#include <sys/types.h>

#include <string>

#include "core/platform/nameless_file.h"

namespace interprocess::platform {
namespace {

int Unsupported() {
  errno = EOPNOTSUPP;
  return -1;
}

}  // namespace

int OpenNamelessFile(int, mode_t) { return Unsupported(); }

int NameFile(int, int, const std::string&) { return Unsupported(); }

}  // namespace interprocess::platform
