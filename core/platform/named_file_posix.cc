// SPDX-License-Identifier: MIT

#include <errno.h>
#include <sys/stat.h>

#include <cstdint>
#include <utility>

#include "core/platform/named_file.h"

namespace interprocess::platform {
namespace {

FileIdentity IdentityOf(const struct stat& found) {
  return {static_cast<uint64_t>(found.st_dev), static_cast<uint64_t>(found.st_ino)};
}

// Zeros if it cannot be seen.
FileIdentity IdentityAt(const char* path) {
  struct stat found;
  return stat(path, &found) == 0 ? IdentityOf(found) : FileIdentity();
}

}  // namespace

FileView FileView::OfThisThread() {
  // The thread's own, which unshare may have changed for it alone. Linux; elsewhere there is none.
  return {IdentityAt("/"), IdentityAt("/proc/thread-self/ns/mnt")};
}

NamedFile::NamedFile(std::string path, const FileIdentity& identity)
    : path_(std::move(path)), identity_(identity), view_(FileView::OfThisThread()) {}

NameState NamedFile::Look() const {
  if (path_.empty()) return NameState::kSound;
  // Its process had no working directory then, and may have one now.
  if (path_.front() != '/') return NameState::kUnknown;
  struct stat found;
  // Not through a link that has the name: no opener follows one.
  const bool there = lstat(path_.c_str(), &found) == 0;
  if (there && IdentityOf(found) == identity_) return NameState::kSound;
  // What else there may be (EACCES after setuid, ENOMEM) says nothing of the name.
  const bool nowhere = !there && (errno == ENOENT || errno == ENOTDIR);
  if (!there && !nowhere) return NameState::kUnknown;
  if (!(FileView::OfThisThread() == view_)) return NameState::kUnknown;
  return there ? NameState::kElsewhere : NameState::kGone;
}

}  // namespace interprocess::platform
