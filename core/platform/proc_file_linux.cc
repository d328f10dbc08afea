// SPDX-License-Identifier: MIT

#include "core/platform/proc_file_linux.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "core/platform/open_handle.h"
#include "core/platform/posix_calls.h"

namespace interprocess::platform {

std::string ReadText(const std::string& path) {
  std::string text;
  const int handle = OpenHandle(AT_FDCWD, path.c_str(), O_RDONLY);
  if (handle < 0) return text;
  char buffer[4096];
  ssize_t length;
  while ((length = RetryOnInterrupt([&] { return read(handle, buffer, sizeof buffer); })) > 0) {
    text.append(buffer, static_cast<size_t>(length));
  }
  close(handle);
  return text;
}

}  // namespace interprocess::platform
