// SPDX-License-Identifier: MIT

#include "interprocess/testing/test_directory.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"

namespace interprocess::testing {

TestDirectory::TestDirectory() {
  path_ = platform::AbsolutePath(::testing::TempDir() + "/ipq-" +
                                 std::to_string(platform::RandomWord()));
  std::filesystem::create_directories(path_);
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestDirectory::FileOf(const std::string& name) const {
  return platform::AbsolutePath(path_ + "/" + name + ".ipq");
}

bool TestDirectory::Has(const std::string& name) const {
  return std::filesystem::exists(std::filesystem::symlink_status(FileOf(name)));
}

QueueOptions TestDirectory::Options(const std::string& name, int64_t capacity) const {
  QueueOptions options;
  options.name = name;
  options.directory = path_;
  options.capacity = capacity;
  options.max_participants = 16;
  return options;
}

bool Eventually(absl::FunctionRef<bool()> condition) {
  const int64_t deadline = platform::MonotonicNanos() + 30'000'000'000;
  while (!condition()) {
    if (platform::MonotonicNanos() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

}  // namespace interprocess::testing
