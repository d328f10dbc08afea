// SPDX-License-Identifier: MIT

// The publisher's engine of both Cloudtoid formats.

#ifndef INTERPROCESS_CORE_CLOUDTOID_CLOUDTOID_PUBLISHER_H_
#define INTERPROCESS_CORE_CLOUDTOID_CLOUDTOID_PUBLISHER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>

#include "absl/base/thread_annotations.h"
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

// A reservation lies in private memory, and takes its room when it is committed. A record that was
// begun in the ring can neither become shorter nor go away, and would hold up all readers.
template <typename Queue>
class CloudtoidPublisher final : public PublisherEngine {
 public:
  CloudtoidPublisher(std::unique_ptr<Attachment> attachment, Queue queue)
      : attachment_(std::move(attachment)), queue_(queue) {}

  int64_t capacity() const override { return queue_.capacity(); }
  size_t max_message_size() const override;
  void PrepareSleep() override;
  absl::Status Sleep(int64_t timeout_ns) override;
  void EndSleeps() override;
  void WakeWaiters() override;
  absl::Status Leave() override { return attachment_->Leave(); }
  void Forget() override { attachment_->Forget(); }
  QueueFile file() const override { return attachment_->file(); }
  EndpointCounters counters() const override;
  absl::StatusOr<uint64_t> ApproximateDepth() const override { return DepthIsUnknown(); }

  absl::Status TryEnqueue(absl::Span<const uint8_t> message) override;
  absl::StatusOr<size_t> TryEnqueueBatch(
      absl::Span<const absl::Span<const uint8_t>> messages) override;
  absl::StatusOr<Room> TryReserve(size_t size) override;
  absl::Status Commit(uint64_t position, size_t size) override;
  void Abort(uint64_t position) override;

 private:
  // The pause before the answer that there is no room, because callers often ask again at once.
  void PauseWhenFull() const;
  // True as soon as a reader has moved the read offset since PrepareSleep. False after that time.
  bool ReaderMoves(int64_t nanos) const;
  absl::Status StatusOf(Outcome outcome);
  absl::Status TooLarge(size_t size) const;
  absl::Status EnqueueNow(absl::Span<const uint8_t> message);

  // Reservations are committed and aborted by any thread. While some are open, each use of the
  // queue takes this lock; only the endpoint's thread makes the first one, so while there is none
  // no other thread uses the queue, and the lock is saved.
  absl::Mutex* LockIfShared() const { return loans().AllReturned() ? nullptr : &queue_mutex_; }

  std::unique_ptr<Attachment> attachment_;
  mutable absl::Mutex queue_mutex_;
  Queue queue_;
  Counting counting_;
  uint64_t next_reservation_ = 0;
  std::map<uint64_t, Buffer> reservations_;
  PollPause pause_;
  // Sleep watches the reader for watch_nanos_, because it was at work during the last sleep.
  bool watches_ = true;
  int64_t watch_nanos_ = kWatchNanos;
  int moves_ = 0;              // of the read offset, seen since the last sleep
  int64_t read_before_ = 0;    // at PrepareSleep
  uint64_t wakes_before_ = 0;  // at PrepareSleep
  absl::Mutex mutex_;
  absl::CondVar woken_;
  uint64_t wakes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_CLOUDTOID_PUBLISHER_H_
