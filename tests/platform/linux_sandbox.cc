// SPDX-License-Identifier: MIT

#include "tests/platform/linux_sandbox.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <string>

namespace interprocess::testing {
namespace {

bool WriteFile(const char* path, const std::string& text) {
  const int handle = open(path, O_WRONLY | O_CLOEXEC);
  if (handle < 0) return false;
  const bool written = write(handle, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(handle);
  return written;
}

bool Forbidden(const char* call) {
  perror(call);
  return false;
}

}  // namespace

bool MountPrivateTmpfs(const std::string& path, const std::string& size) {
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return Forbidden("unshare");
  WriteFile("/proc/self/setgroups", "deny");
  if (!WriteFile("/proc/self/uid_map", user + " " + user + " 1")) return Forbidden("uid_map");
  if (!WriteFile("/proc/self/gid_map", group + " " + group + " 1")) return Forbidden("gid_map");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return Forbidden("mount /");
  const std::string options = "mode=1777,size=" + size;
  if (mount("tmpfs", path.c_str(), "tmpfs", 0, options.c_str()) != 0) return Forbidden("mount");
  return true;
}

bool ObeyFileModes() {
  __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

}  // namespace interprocess::testing
