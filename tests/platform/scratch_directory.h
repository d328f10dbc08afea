// SPDX-License-Identifier: MIT

// A directory for one test.

#ifndef INTERPROCESS_TESTS_PLATFORM_SCRATCH_DIRECTORY_H_
#define INTERPROCESS_TESTS_PLATFORM_SCRATCH_DIRECTORY_H_

#include <string>

#include "core/platform/directory.h"

namespace interprocess::testing {

// Made by the constructor, empty; removed with all that is in it by the destructor.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory();

  const std::string& path() const { return path_; }
  std::string PathOf(const std::string& name) const { return path_ + "/" + name; }
  platform::Directory Open() const;
  // A published file of `size` zeros.
  platform::File MakeFile(const std::string& name, int64_t size) const;

 private:
  std::string path_;
};

// Makes a symbolic link; false if the system, or the C++ library, has none for this user.
bool MakeLink(const std::string& target, const std::string& link);
bool MakeLinkToDirectory(const std::string& target, const std::string& link);

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTS_PLATFORM_SCRATCH_DIRECTORY_H_
