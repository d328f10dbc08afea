// SPDX-License-Identifier: MIT

#include "tests/platform/scratch_directory.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "core/platform/clock.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"

namespace interprocess::testing {

ScratchDirectory::ScratchDirectory() {
  static int count = 0;
  path_ = ::testing::TempDir() + "/interprocess-" + std::to_string(platform::ProcessId()) + "-" +
          std::to_string(platform::MonotonicNanos()) + "-" + std::to_string(++count);
  std::filesystem::create_directories(path_);
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

platform::Directory ScratchDirectory::Open() const {
  return platform::Directory::Open(path_).value();
}

platform::File ScratchDirectory::MakeFile(const std::string& name, int64_t size) const {
  platform::Directory directory = Open();
  platform::File file = directory.CreateUnpublished(Access::kOwner).value();
  EXPECT_TRUE(file.SetSize(size, false).ok());
  EXPECT_TRUE(directory.Publish(file, name).ok());
  return file;
}

bool MakeLink(const std::string& target, const std::string& link) {
  std::error_code error;
  std::filesystem::create_symlink(target, link, error);
  return !error;
}

bool MakeLinkToDirectory(const std::string& target, const std::string& link) {
  std::error_code error;
  std::filesystem::create_directory_symlink(target, link, error);
  return !error;
}

}  // namespace interprocess::testing
