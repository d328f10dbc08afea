// SPDX-License-Identifier: MIT

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "core/platform/kept_directory.h"

namespace interprocess::platform {

struct KeptDirectory::Node {
  std::string path;
  std::optional<Directory> open;
};

absl::StatusOr<KeptDirectory> KeptDirectory::Keep(Directory directory) {
  KeptDirectory result;
  result.node_ = new Node{AbsolutePath(directory.path()), std::nullopt};
  return result;
}

KeptDirectory::KeptDirectory(KeptDirectory&& other) noexcept
    : node_(std::exchange(other.node_, nullptr)) {}

KeptDirectory& KeptDirectory::operator=(KeptDirectory&& other) noexcept {
  if (this != &other) {
    Drop();
    node_ = std::exchange(other.node_, nullptr);
  }
  return *this;
}

void KeptDirectory::Drop() { delete std::exchange(node_, nullptr); }

absl::StatusOr<const Directory*> KeptDirectory::Get() const {
  if (node_ == nullptr) return absl::FailedPreconditionError("no directory is kept");
  if (!node_->open.has_value()) {
    ABSL_ASSIGN_OR_RETURN(Directory opened, Directory::OpenForReading(node_->path));
    node_->open = std::move(opened);
  }
  return &*node_->open;
}

absl::StatusOr<DirectoryLock> KeptDirectory::Lock(absl::Duration timeout) const {
  ABSL_ASSIGN_OR_RETURN(const Directory* directory, Get());
  return directory->Lock(timeout);
}

}  // namespace interprocess::platform
