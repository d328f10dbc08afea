// SPDX-License-Identifier: MIT

#include "bindings/face/inspector.h"

#include <algorithm>

#include "bindings/face/options.h"

namespace interprocess::face {
namespace {

FaceParticipant Flatten(const ParticipantReport& from) {
  FaceParticipant to;
  to.id = from.id;
  to.role = from.role;
  to.alive = from.alive;
  to.process_id = from.process_id;
  to.process_start_ns = from.process_start_ns;
  to.waits_for = from.waits_for;
  to.messages = static_cast<int64_t>(from.messages);
  to.bytes = static_cast<int64_t>(from.bytes);
  to.full_or_empty = static_cast<int64_t>(from.full_or_empty);
  to.sleeps = static_cast<int64_t>(from.sleeps);
  to.holds = static_cast<int64_t>(from.holds);
  return to;
}

FaceReport Flatten(const QueueReport& from) {
  FaceReport to;
  to.protocol = static_cast<int>(from.protocol);
  to.name = from.name;
  to.path = from.path;
  to.capacity = from.capacity;
  to.file_size = from.file_size;
  to.format_version = from.format_version;
  to.max_participants = from.max_participants;
  to.slots = static_cast<int64_t>(from.slots);
  to.ready = static_cast<int64_t>(from.ready);
  to.reserved = static_cast<int64_t>(from.reserved);
  to.claimed = static_cast<int64_t>(from.claimed);
  to.ready_bytes = static_cast<int64_t>(from.ready_bytes);
  to.tail = static_cast<int64_t>(from.tail);
  to.returned = static_cast<int64_t>(from.returned);
  to.participants_known = from.participants_known;
  for (const ParticipantReport& participant : from.participants) {
    to.participants.push_back(Flatten(participant));
  }
  return to;
}

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

FaceReport* FaceInspector::Report(FaceError* error) const {
  absl::MutexLock lock(mutex_);
  auto report = inspector_.Report();
  if (report.ok()) return new FaceReport(Flatten(*report));
  error->Set(report.status());
  return nullptr;
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
