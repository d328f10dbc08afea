// SPDX-License-Identifier: MIT

// Small files by which Linux tells of the process and the machine. For the sources of this folder
// only.

#ifndef INTERPROCESS_CORE_PLATFORM_PROC_FILE_LINUX_H_
#define INTERPROCESS_CORE_PLATFORM_PROC_FILE_LINUX_H_

#include <string>

namespace interprocess::platform {

// The text of a small file, empty if it cannot be read.
std::string ReadText(const std::string& path);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_PROC_FILE_LINUX_H_
