// SPDX-License-Identifier: MIT

// Child processes for tests, and two pipes to talk with them, so that a test waits for what a child
// says and never for a time.

#ifndef INTERPROCESS_TESTS_PLATFORM_CHILD_PROCESS_H_
#define INTERPROCESS_TESTS_PLATFORM_CHILD_PROCESS_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/handle.h"

namespace interprocess::testing {

// One end of the two pipes.
class Link {
 public:
  Link() = default;
  Link(platform::Handle in, platform::Handle out) : in_(in), out_(out) {}

  void Say(char word) const;
  // The other side's next word; 0 if it is gone or says nothing for `patience_ms`.
  char Hear(int patience_ms = 60'000) const;

 private:
  platform::Handle in_ = -1;
  platform::Handle out_ = -1;
};

using Arguments = std::vector<std::string>;
using Role = int (*)(const Link& parent, const Arguments& arguments);

// Defines what children do that are started by this name:
//   CHILD_ROLE(Answer) { parent.Say('y'); return 0; }
#define CHILD_ROLE(name)                                                              \
  static int name##Role(const ::interprocess::testing::Link&,                         \
                        const ::interprocess::testing::Arguments&);                   \
  [[maybe_unused]] static const bool name##_registered =                              \
      ::interprocess::testing::RegisterRole(#name, &name##Role);                      \
  static int name##Role([[maybe_unused]] const ::interprocess::testing::Link& parent, \
                        [[maybe_unused]] const ::interprocess::testing::Arguments& arguments)

bool RegisterRole(const char* name, Role role);

// A running child. Not copied; the destructor kills and reaps it.
class ChildProcess {
 public:
  // Starts this program anew: a process that shares nothing with this one.
  static ChildProcess Run(const std::string& role, const Arguments& arguments);
  // Forks; `body` tells the exit code. Not on Windows.
  static ChildProcess Fork(const std::function<int(const Link& parent)>& body);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  void Say(char word) const { link_.Say(word); }
  char Hear(int patience_ms = 60'000) const { return link_.Hear(patience_ms); }

  void Kill() const;  // does not wait
  void Stop() const;  // returns when it has stopped
  // Waits for its end and returns its exit code, or 1000 + the signal that killed it (9, where a
  // system has no signals).
  int Wait();
  int id() const { return id_; }

 private:
  ChildProcess(int id, platform::Handle process, platform::Handle in, platform::Handle out)
      : id_(id), process_(process), in_(in), out_(out), link_(in, out) {}
  int id_ = -1;                    // -1 when it has been waited for
  platform::Handle process_ = -1;  // where an id is not what a process is waited for by
  platform::Handle in_ = -1;
  platform::Handle out_ = -1;
  Link link_;
};

// Looks until `condition` holds; false if it does not within half a minute.
bool Eventually(const std::function<bool()>& condition);

// In a child, where a failed expectation would not be seen: says what failed and ends with code 1.
#define CHILD_CHECK(condition)                                                      \
  do {                                                                              \
    if (!(condition)) {                                                             \
      return ::interprocess::testing::ChildFailure(__FILE__, __LINE__, #condition); \
    }                                                                               \
  } while (false)

int ChildFailure(const char* file, int line, const char* condition);

// The command line of a child: kRoleFlag and its role, its ends of the two pipes as numbers, its
// arguments.
inline constexpr char kRoleFlag[] = "--child_role=";

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTS_PLATFORM_CHILD_PROCESS_H_
