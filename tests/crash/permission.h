// SPDX-License-Identifier: MIT

// A queue whose name a test may not remove, though root runs it: another user's, in a directory of
// that user's where everybody may make files (mode 1777).

#ifndef INTERPROCESS_TESTS_CRASH_PERMISSION_H_
#define INTERPROCESS_TESTS_CRASH_PERMISSION_H_

#include <string>

namespace interprocess::crash {

// Only root can give files to another user.
bool CanForbidRemoval();

// While it lives, what is another user's is so for this thread as well, and for the children that
// it forks.
class NoOwnersRight {
 public:
  NoOwnersRight() { Set(false); }
  NoOwnersRight(const NoOwnersRight&) = delete;
  NoOwnersRight& operator=(const NoOwnersRight&) = delete;
  ~NoOwnersRight() { Set(true); }

 private:
  static void Set(bool right);
};

void ForbidRemoval(const std::string& directory, const std::string& file_name);
void AllowRemoval(const std::string& directory, const std::string& file_name);

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_PERMISSION_H_
