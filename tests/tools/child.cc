// SPDX-License-Identifier: MIT

#include "tests/tools/child.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace testing_tools {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.fd_;
    other.fd_ = -1;
  }
  return *this;
}

std::string ReadFile(const std::string& path) { return ReadAll(OpenToRead(path).get()); }

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(std::filesystem::u8path(path), std::ios::binary);
  file << text << std::flush;
  ASSERT_TRUE(file.good()) << path;
}

bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace testing_tools
