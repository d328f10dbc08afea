// SPDX-License-Identifier: MIT

// Child processes and the files that the tests exchange with them.

#ifndef INTERPROCESS_TESTS_TOOLS_CHILD_H_
#define INTERPROCESS_TESTS_TOOLS_CHILD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace testing_tools {

// Whether the Cloudtoid formats have files, as everywhere but on Windows.
extern const bool kTheirQueuesAreFiles;
// Whether a process that gets another signal than kKill ends in its own way, as everywhere but on
// Windows.
extern const bool kSignalsAreHandled;
// The signal that no process survives.
inline constexpr int kKill = 9;

// Among a child's standard descriptors: none at all, as a shell's ">&-" gives it.
inline constexpr int kClosed = -2;

// The descriptors that a child gets as its standard ones. -1: /dev/null.
struct Stdio {
  int in = -1;
  int out = -1;
  int err = -1;
};

// A running process. Killed when it goes out of scope.
class Child {
 public:
  Child(const std::vector<std::string>& argv, const Stdio& stdio);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();

  // Its exit code; 128 and the signal's number if one killed it.
  int Wait();
  // On Windows it is killed, whatever the signal.
  void Signal(int signal) const;
  int id() const { return id_; }

 private:
  int id_ = 0;
  intptr_t process_ = 0;  // Windows: its handle
  int code_ = -1;
};

// A descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { Close(); }
  int get() const { return fd_; }
  void Close();

 private:
  int fd_;
};

struct Pipe {
  Pipe();
  Fd read;
  Fd write;
};

// Not on Windows. A terminal: what is written to one side is typed or printed on the other.
struct Terminal {
  Terminal();
  Fd user;
  Fd program;
};

Fd OpenToRead(const std::string& path);
Fd OpenToWrite(const std::string& path);
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& text);
std::string ReadAll(int fd);

// Whether `condition` comes true within a minute. It is looked at again and again.
bool Eventually(const std::function<bool()>& condition);

}  // namespace testing_tools

#endif  // INTERPROCESS_TESTS_TOOLS_CHILD_H_
