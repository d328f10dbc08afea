// SPDX-License-Identifier: MIT

#include "bindings/face/inspector.h"

#include <algorithm>

#include "bindings/face/options.h"

namespace interprocess::face {
namespace {

// An object made from what a call gave; null, and the reason in *error, if it gave none.
template <typename Object, typename Value>
Object* NewOrError(absl::StatusOr<Value> value, FaceError* error) {
  if (value.ok()) return new Object(*std::move(value));
  error->Set(value.status());
  return nullptr;
}

}  // namespace

FaceInspector* FaceInspector::Open(const std::string& name, const std::string& directory,
                                   int protocol, FaceError* error) {
  const auto known = ToProtocol(protocol);
  auto inspector = known.ok() ? QueueInspector::Open(name, directory, *known)
                              : absl::StatusOr<QueueInspector>(known.status());
  if (inspector.ok()) return new FaceInspector(*std::move(inspector));
  error->Set(inspector.status());
  return nullptr;
}

int64_t FaceInspector::capacity() const {
  absl::MutexLock lock(mutex_);
  return inspector_.capacity();
}

int64_t FaceInspector::ApproximateDepth(FaceError* error) const {
  absl::MutexLock lock(mutex_);
  const auto depth = inspector_.ApproximateDepth();
  if (depth.ok()) return static_cast<int64_t>(*depth);
  error->Set(depth.status());
  return -1;
}

QueueReport* FaceInspector::Report(FaceError* error) const {
  absl::MutexLock lock(mutex_);
  return NewOrError<QueueReport>(inspector_.Report(), error);
}

FaceFindings* FaceInspector::Check(FaceError* error) const {
  absl::MutexLock lock(mutex_);
  return NewOrError<FaceFindings>(inspector_.Check(), error);
}

FaceMessages* FaceInspector::Peek(int max, FaceError* error) const {
  absl::MutexLock lock(mutex_);
  return NewOrError<FaceMessages>(inspector_.Peek(static_cast<size_t>(std::max(max, 0))), error);
}

int FaceInspector::Repair(FaceError* error) {
  absl::MutexLock lock(mutex_);
  const auto resolved = inspector_.Repair();
  if (resolved.ok()) return *resolved;
  error->Set(resolved.status());
  return -1;
}

FaceQueueList* FaceQueueList::Open(const std::string& directory, int protocol, FaceError* error) {
  const auto known = ToProtocol(protocol);
  auto entries = known.ok() ? ListQueues(directory, *known)
                            : absl::StatusOr<std::vector<QueueEntry>>(known.status());
  if (entries.ok()) return new FaceQueueList(*std::move(entries));
  error->Set(entries.status());
  return nullptr;
}

int FaceRemoveQueue(const std::string& name, const std::string& directory, int protocol,
                    FaceError* error) {
  const auto known = ToProtocol(protocol);
  const absl::Status status = known.ok() ? RemoveQueue(name, directory, *known) : known.status();
  error->Set(status);
  return static_cast<int>(status.code());
}

}  // namespace interprocess::face
