// SPDX-License-Identifier: MIT

// Which users may open a queue.

#ifndef INTERPROCESS_ACCESS_H_
#define INTERPROCESS_ACCESS_H_

namespace interprocess {

// Which users may open a queue that is made now (the mode of its file). With kOwner, one that
// exists is refused (PermissionDenied) if it is another user's in a directory where everybody may
// make files, as /tmp: it may have been put there to be opened. docs/security.md says what users
// who share a queue can do to each other; who may write its file can end the others' processes, by
// cutting it (SIGBUS).
enum class Access {
  kOwner,     // 0600
  kGroup,     // 0660
  kEveryone,  // 0666
};

}  // namespace interprocess

#endif  // INTERPROCESS_ACCESS_H_
