// SPDX-License-Identifier: MIT

// Open handles that belong to the process that opened them.

#ifndef INTERPROCESS_CORE_PLATFORM_PRIVATE_HANDLE_H_
#define INTERPROCESS_CORE_PLATFORM_PRIVATE_HANDLE_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "core/platform/handle.h"

namespace interprocess::platform {

// An open handle whose locks must end with this process, so that no child may keep a copy: a child
// made by fork() closes it before fork() returns there. _Fork and clone run no such handlers; in
// their children the copy stays open until it is closed, but get() does not give it out either.
// Movable, thread-compatible; the destructor closes. Opening and closing take one lock that fork()
// takes too.
class PrivateHandle {
 public:
  // Takes in what `open` returns; if that is -1, the result is not open and errno is that of
  // `open`. No fork() happens between the opening and the taking in. `open` must not call back.
  static PrivateHandle Open(absl::FunctionRef<Handle()> open);

  PrivateHandle() = default;
  PrivateHandle(PrivateHandle&& other) noexcept;
  PrivateHandle& operator=(PrivateHandle&& other) noexcept;
  ~PrivateHandle() { Close(); }

  // The handle; -1 if it was never opened, is closed, or belongs to an ancestor of this process.
  Handle get() const;

  // True if this was opened by an ancestor of this process, which a fork has left without.
  bool LostInFork() const;

  // True if get() still stands for what was opened: something else in the process may have closed
  // it (closefrom, close_range), and its number may be that of another file by now, which Close
  // leaves alone.
  bool IsIntact() const;
  // Why not, for a message.
  const char* WhyNot() const;

  void Close();

 private:
  struct Node;
  struct Registry;
  Node* node_ = nullptr;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_PRIVATE_HANDLE_H_
