// SPDX-License-Identifier: MIT

// Runs the C++ examples as their users do.

#ifndef INTERPROCESS_TESTS_EXAMPLES_CPP_EXAMPLES_H_
#define INTERPROCESS_TESTS_EXAMPLES_CPP_EXAMPLES_H_

#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "tests/tools/child.h"

class CppExamplesTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = absl::StrCat(testing::TempDir(), "/examples-", std::random_device()());
    ASSERT_TRUE(std::filesystem::create_directory(directory_)) << directory_;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string File(const std::string& name) const { return directory_ + "/" + name; }

  // Starts the program whose path is in the environment variable; it prints to the file `output`.
  testing_tools::Child Start(const char* variable, std::vector<std::string> flags,
                             const std::string& output) {
    const testing_tools::Fd out = testing_tools::OpenToWrite(File(output));
    flags.insert(flags.begin(), {getenv(variable), "--dir=" + directory_});
    return testing_tools::Child(flags, {-1, out.get(), out.get()});
  }

  // Windows ends lines of text with a carriage return more.
  std::string Text(const std::string& output) const {
    return absl::StrReplaceAll(testing_tools::ReadFile(File(output)), {{"\r\n", "\n"}});
  }

  bool Printed(const std::string& output, const std::string& text) const {
    return testing_tools::Eventually([&] { return Text(output).find(text) != std::string::npos; });
  }

 private:
  std::string directory_;
};

#endif  // INTERPROCESS_TESTS_EXAMPLES_CPP_EXAMPLES_H_
