// SPDX-License-Identifier: MIT

// What queues there are and what is in them, in plain types.

#ifndef INTERPROCESS_BINDINGS_FACE_INSPECTOR_H_
#define INTERPROCESS_BINDINGS_FACE_INSPECTOR_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bindings/face/result.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_registry.h"
#include "interprocess/queue_report.h"

namespace interprocess::face {

// What Check found. Each `index` is below the count.
class FaceFindings {
 public:
  explicit FaceFindings(std::vector<Finding> findings) : findings_(std::move(findings)) {}
  int count() const { return static_cast<int>(findings_.size()); }
  bool damaged(int index) const { return At(index).severity == Finding::Severity::kDamaged; }
  std::string what(int index) const { return At(index).what; }
  const std::vector<Finding>& all() const { return findings_; }

 private:
  const Finding& At(int index) const { return findings_[static_cast<size_t>(index)]; }
  std::vector<Finding> findings_;
};

// Copies of messages. Each `index` is below the count; the bytes go with this object.
class FaceMessages {
 public:
  explicit FaceMessages(std::vector<std::string> messages) : messages_(std::move(messages)) {}
  int count() const { return static_cast<int>(messages_.size()); }
  int64_t address(int index) const {
    return static_cast<int64_t>(reinterpret_cast<intptr_t>(At(index).data()));
  }
  int64_t size(int index) const { return static_cast<int64_t>(At(index).size()); }
  const std::vector<std::string>& all() const { return messages_; }

 private:
  const std::string& At(int index) const { return messages_[static_cast<size_t>(index)]; }
  std::vector<std::string> messages_;
};

// As QueueInspector, but thread-safe. Who gets an object owns it; null, or -1, on failure, with the
// reason in *error.
class FaceInspector {
 public:
  static FaceInspector* Open(const std::string& name, const std::string& directory, int protocol,
                             FaceError* error);

  int64_t capacity() const;
  // About how many messages wait: QueueInspector::ApproximateDepth.
  int64_t ApproximateDepth(FaceError* error) const;
  QueueReport* Report(FaceError* error) const;
  FaceFindings* Check(FaceError* error) const;
  // A negative `max` is 0.
  FaceMessages* Peek(int max, FaceError* error) const;
  int Repair(FaceError* error);

 private:
  explicit FaceInspector(QueueInspector inspector) : inspector_(std::move(inspector)) {}
  mutable absl::Mutex mutex_;
  QueueInspector inspector_ ABSL_GUARDED_BY(mutex_);
};

// The queues in a directory, sorted by name. Each `index` is below the count.
class FaceQueueList {
 public:
  // Null on failure. An empty directory is the protocol's default one.
  static FaceQueueList* Open(const std::string& directory, int protocol, FaceError* error);
  int count() const { return static_cast<int>(entries_.size()); }
  std::string name(int index) const { return At(index).name; }
  std::string path(int index) const { return At(index).path; }
  int64_t capacity(int index) const { return At(index).capacity; }
  // Why the file cannot be used: 0 and nothing if it can.
  int code(int index) const { return static_cast<int>(At(index).status.code()); }
  std::string error_text(int index) const { return std::string(At(index).status.message()); }
  const std::vector<QueueEntry>& all() const { return entries_; }

 private:
  explicit FaceQueueList(std::vector<QueueEntry> entries) : entries_(std::move(entries)) {}
  const QueueEntry& At(int index) const { return entries_[static_cast<size_t>(index)]; }
  std::vector<QueueEntry> entries_;
};

// The code, 0 if it is removed; the reason also in *error.
int FaceRemoveQueue(const std::string& name, const std::string& directory, int protocol,
                    FaceError* error);

}  // namespace interprocess::face

#endif  // INTERPROCESS_BINDINGS_FACE_INSPECTOR_H_
