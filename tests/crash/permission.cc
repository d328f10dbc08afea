// SPDX-License-Identifier: MIT

#include "tests/crash/permission.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>

namespace interprocess::crash {
namespace {

constexpr uid_t kNobody = 65534;

void Check(const char* what, int result) {
  if (result == 0) return;
  perror(what);
  abort();
}

}  // namespace

bool CanForbidRemoval() {
  if (geteuid() != 0) return false;
  // In a user namespace (a sandbox) without other users, a file cannot be given away.
  std::ifstream map("/proc/self/uid_map");
  uint64_t first = 0, outside = 0, count = 0;
  while (map >> first >> outside >> count) {
    if (first <= kNobody && kNobody - first < count) return true;
  }
  return false;
}

void NoOwnersRight::Set(bool right) {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
  Check("capget", static_cast<int>(syscall(SYS_capget, &header, sets)));
  constexpr uint32_t kBit = 1u << CAP_FOWNER;
  sets[0].effective =
      right ? sets[0].effective | (sets[0].permitted & kBit) : sets[0].effective & ~kBit;
  Check("capset", static_cast<int>(syscall(SYS_capset, &header, sets)));
}

void ForbidRemoval(const std::string& directory, const std::string& file_name) {
  const std::string path = directory + "/" + file_name;
  Check(path.c_str(), chown(path.c_str(), kNobody, static_cast<gid_t>(-1)));
  Check(directory.c_str(), chmod(directory.c_str(), 01777));
  Check(directory.c_str(), chown(directory.c_str(), kNobody, static_cast<gid_t>(-1)));
}

void AllowRemoval(const std::string& directory, const std::string& file_name) {
  Check(directory.c_str(), chown(directory.c_str(), geteuid(), static_cast<gid_t>(-1)));
  const std::string path = directory + "/" + file_name;
  // From now on it may be gone.
  const int result = chown(path.c_str(), geteuid(), static_cast<gid_t>(-1));
  if (result != 0 && errno != ENOENT) Check(path.c_str(), result);
}

}  // namespace interprocess::crash
