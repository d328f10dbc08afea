// SPDX-License-Identifier: MIT

// What children are on every system, and the test program's main: it is its own child.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <thread>

#include "core/platform/clock.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"

namespace interprocess::testing {
namespace {

std::map<std::string, Role>& Roles() {
  static auto* roles = new std::map<std::string, Role>;
  return *roles;
}

int PlayRole(int argc, char** argv) {
  const auto role = Roles().find(argv[1] + sizeof kRoleFlag - 1);
  if (role == Roles().end()) return 125;
  const Link parent(static_cast<platform::Handle>(std::stoll(argv[2])),
                    static_cast<platform::Handle>(std::stoll(argv[3])));
  return role->second(parent, Arguments(argv + 4, argv + argc));
}

}  // namespace

bool RegisterRole(const char* name, Role role) { return Roles().emplace(name, role).second; }

bool Eventually(const std::function<bool()>& condition) {
  const int64_t deadline = platform::MonotonicNanos() + 30'000'000'000;
  while (!condition()) {
    if (platform::MonotonicNanos() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(500));
  }
  return true;
}

int ChildFailure(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: in a child process: not true: %s\n", file, line, condition);
  return 1;
}

}  // namespace interprocess::testing

int main(int argc, char** argv) {
  namespace testing_ = interprocess::testing;
#ifdef SIGPIPE
  std::signal(SIGPIPE, SIG_IGN);
#endif
  if (argc >= 4 && std::string(argv[1]).rfind(testing_::kRoleFlag, 0) == 0) {
    return testing_::PlayRole(argc, argv);
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
