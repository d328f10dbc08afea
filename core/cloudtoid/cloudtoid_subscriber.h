// SPDX-License-Identifier: MIT

// The subscriber's engine of both Cloudtoid formats.

#ifndef INTERPROCESS_CORE_CLOUDTOID_CLOUDTOID_SUBSCRIBER_H_
#define INTERPROCESS_CORE_CLOUDTOID_CLOUDTOID_SUBSCRIBER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/span.h"
#include "core/cloudtoid/attachment.h"
#include "core/cloudtoid/buffer.h"
#include "core/cloudtoid/counting.h"
#include "core/cloudtoid/outcome.h"
#include "core/cloudtoid/sleeps.h"
#include "core/engine/engine.h"

namespace interprocess::cloudtoid {

// Both formats have one reader at a time. A subscriber that has borrowed a message keeps the others
// out until it acknowledges the message or gives it back, and it borrows one message at a time.
template <typename Queue>
class CloudtoidSubscriber final : public SubscriberEngine {
 public:
  CloudtoidSubscriber(std::unique_ptr<Attachment> attachment, Queue queue, const char* format)
      : attachment_(std::move(attachment)), queue_(queue), format_(format) {}

  int64_t capacity() const override { return queue_.capacity(); }
  size_t max_message_size() const override;
  void PrepareSleep() override;
  absl::Status Sleep(int64_t timeout_ns) override;
  void EndSleeps() override;
  void WakeWaiters() override;
  absl::Status Leave() override { return attachment_->Leave(); }
  void Forget() override { attachment_->Forget(); }
  QueueFile file() const override { return attachment_->file(); }
  EndpointCounters counters() const override { return counting_.counters(); }
  absl::StatusOr<uint64_t> ApproximateDepth() const override { return DepthIsUnknown(); }

  absl::StatusOr<size_t> TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) override;
  absl::StatusOr<size_t> TryDequeueBatch(size_t max, Handler handle,
                                         const std::atomic<bool>& closed) override;
  absl::StatusOr<Claim> TryBorrow() override;
  absl::Status Acknowledge(uint64_t position) override;
  void GiveBack(uint64_t position) override;

 private:
  Outcome ClaimNext(size_t max_size, Claimed* claimed);
  // The bytes of the claimed message. After an error (ResourceExhausted: no memory) the message is
  // back in the queue. Empty if this reader's time has run out, and another gets the message.
  absl::StatusOr<std::optional<absl::Span<const uint8_t>>> View(const Claimed& claimed);
  absl::Status StatusOf(Outcome outcome, const Claimed& claimed);
  // Nothing was taken.
  absl::Status NotNow();
  void Count(const Claimed& claimed) {
    counting_.Count(static_cast<size_t>(claimed.size), claimed.redelivered);
  }
  // A message is acknowledged and given back by any thread. While one is lent, each use of the
  // queue takes this lock; only the endpoint's thread lends one, so while none is lent no other
  // thread uses the queue, and the lock is saved.
  absl::Mutex* LockIfLent() {
    return ABSL_PREDICT_TRUE(loans().AllReturned()) ? nullptr : &queue_mutex_;
  }
  // OK, or what taking a message answers while one is lent.
  absl::Status CheckNotLent();

  std::unique_ptr<Attachment> attachment_;
  absl::Mutex queue_mutex_;
  Queue queue_;
  Counting counting_;
  const char* const format_;
  Buffer buffer_;  // for bodies that wrap, or that another reader may take
  std::optional<Claimed> borrowed_;
  bool held_up_ = false;  // another participant was in the way at the last look
  PollPause pause_;
  bool slept_ = false;  // in this call
  std::atomic<bool> sleeps_{false};
  std::atomic<uint64_t> wakes_{0};  // calls of WakeWaiters
  uint64_t wakes_before_ = 0;       // at PrepareSleep
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_CLOUDTOID_SUBSCRIBER_H_
