// SPDX-License-Identifier: MIT

// Files without a name. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_NAMELESS_FILE_H_
#define INTERPROCESS_CORE_PLATFORM_NAMELESS_FILE_H_

#include <sys/types.h>

#include <string>

namespace interprocess::platform {

// A new file in the open directory that has no name and is gone when it is closed; -1 and errno.
// EOPNOTSUPP if the system or the file system has no such files or could not name them later.
int OpenNamelessFile(int directory, mode_t mode);

// Gives it a name; -1 and errno (EEXIST if the name is taken).
int NameFile(int handle, int directory, const std::string& name);

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_NAMELESS_FILE_H_
