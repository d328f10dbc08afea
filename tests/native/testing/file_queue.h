// SPDX-License-Identifier: MIT

// Queues in files, with endpoints that tests stop, kill and deceive.

#ifndef INTERPROCESS_TESTS_NATIVE_TESTING_FILE_QUEUE_H_
#define INTERPROCESS_TESTS_NATIVE_TESTING_FILE_QUEUE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/native/attachment.h"
#include "core/native/native_publisher.h"
#include "core/native/native_subscriber.h"
#include "core/platform/mapped_file.h"
#include "interprocess/queue_options.h"
#include "interprocess/testing/test_directory.h"

namespace interprocess::testing {

// True if one of this process's threads, other than the caller, sleeps in the system. (Windows: has
// used no time of a processor for a while, which a thread that is kept waiting for one looks like.)
bool AnotherThreadSleeps();

// Not on Windows. Forks; the child ends with what `body` returns, and is waited for: its exit code,
// or 1000 + the signal that ended it.
int RunInFork(const std::function<int()>& body);

// In RunInFork: says what is not true, and ends with code 1.
#define FORK_CHECK(condition)                                                               \
  do {                                                                                      \
    if (!(condition)) return ::interprocess::testing::Fail(__FILE__, __LINE__, #condition); \
  } while (false)
int Fail(const char* file, int line, const char* condition);

// A second mapping of a queue's bytes, which takes part in nothing.
class QueueBytes {
 public:
  explicit QueueBytes(const std::string& path);
  QueueBytes(const QueueBytes&) = delete;
  QueueBytes& operator=(const QueueBytes&) = delete;

  uint8_t* data() const { return mapping_.data(); }
  uint64_t size() const { return mapping_.size(); }
  const native::QueueMemory& memory() const { return *memory_; }
  native::Header& header() const { return memory_->header(); }
  native::Slot& slot(uint64_t position) const { return memory_->slot(position); }

 private:
  platform::MappedFile mapping_;
  std::unique_ptr<native::QueueMemory> memory_;
};

// An engine without the endpoint around it, in the test's hands.
template <typename Engine, native::Role role>
class Peer {
 public:
  explicit Peer(const QueueOptions& options) {
    auto attachment = native::Attachment::Open(options, role).value();
    attachment_ = attachment.get();
    id_ = attachment_->id();
    engine_ = std::make_unique<Engine>(std::move(attachment));
  }

  Engine* operator->() const { return engine_.get(); }
  uint32_t id() const { return id_; }
  const native::QueueMemory& memory() const { return attachment_->memory(); }
  native::Environment& environment() const { return attachment_->environment(); }

  // Its lease ends as if its process had been killed; it is not used any more.
  void Die() {
    attachment_->environment().DropAlive(id_);
    attachment_->Forget();
  }

 private:
  native::Attachment* attachment_;
  uint32_t id_;
  std::unique_ptr<Engine> engine_;
};
using PublisherPeer = Peer<native::NativePublisher, native::Role::kPublisher>;
using SubscriberPeer = Peer<native::NativeSubscriber, native::Role::kSubscriber>;

// The message that TryDequeue gives, or its error.
absl::StatusOr<std::string> Take(const SubscriberPeer& subscriber, MessageInfo* info = nullptr);
// The same, asking again while there is none; Unavailable after half a minute.
absl::StatusOr<std::string> TakeSoon(const SubscriberPeer& subscriber, MessageInfo* info = nullptr);
absl::Status Put(const PublisherPeer& publisher, const std::string& message);

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTS_NATIVE_TESTING_FILE_QUEUE_H_
