// SPDX-License-Identifier: MIT

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
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
    absl::StatusOr<Directory> opened = Directory::OpenForReading(node_->path);
    if (!opened.ok()) return opened.status();
    node_->open = *std::move(opened);
  }
  return &*node_->open;
}

absl::StatusOr<DirectoryLock> KeptDirectory::Lock(absl::Duration timeout) const {
  absl::StatusOr<const Directory*> directory = Get();
  if (!directory.ok()) return directory.status();
  return (*directory)->Lock(timeout);
}

}  // namespace interprocess::platform
