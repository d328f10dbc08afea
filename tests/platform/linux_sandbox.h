// SPDX-License-Identifier: MIT

// What a child process does to itself so that a test sees a system other than the one it runs on.
// Only for children made by ChildProcess::Fork in tests without threads.

#ifndef INTERPROCESS_TESTS_PLATFORM_LINUX_SANDBOX_H_
#define INTERPROCESS_TESTS_PLATFORM_LINUX_SANDBOX_H_

#include <string>

namespace interprocess::testing {

// The exit code of a child that found that the system forbids what it needs.
constexpr int kForbidden = 77;

// Mounts an empty file system in memory of this size ("1m") at `path`, seen by this process alone.
// False, with the reason on stderr, if the system forbids it.
bool MountPrivateTmpfs(const std::string& path, const std::string& size);

// Gives up the privileges by which root passes over file modes.
bool ObeyFileModes();

// Runs in the test that has waited for the child.
#define EXPECT_CHILD_SUCCEEDED(child)                                                 \
  do {                                                                                \
    const int code = (child).Wait();                                                  \
    if (code == ::interprocess::testing::kForbidden) {                                \
      GTEST_SKIP() << "the system forbids what this test needs; the reason is above"; \
    }                                                                                 \
    EXPECT_EQ(code, 0);                                                               \
  } while (false)

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTS_PLATFORM_LINUX_SANDBOX_H_
