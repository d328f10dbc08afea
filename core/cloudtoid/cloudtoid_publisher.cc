// SPDX-License-Identifier: MIT

#include "core/cloudtoid/cloudtoid_publisher.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "core/cloudtoid/queue_v2.h"
#include "core/cloudtoid/queue_v3.h"
#include "core/platform/clock.h"
#include "core/platform/cpu.h"

namespace interprocess::cloudtoid {

template <typename Queue>
size_t CloudtoidPublisher<Queue>::max_message_size() const {
  // A record's length is an int32, and is rounded up.
  constexpr int64_t kLongest = std::numeric_limits<int32_t>::max() - 15;
  return static_cast<size_t>(std::min(queue_.capacity() - kRecordHeader, kLongest));
}

template <typename Queue>
void CloudtoidPublisher<Queue>::PrepareSleep() {
  read_before_ = queue_.read_offset();
  absl::MutexLock lock(mutex_);
  wakes_before_ = wakes_;
}

template <typename Queue>
bool CloudtoidPublisher<Queue>::ReaderMoves(int64_t nanos) const {
  const int64_t end = platform::MonotonicNanos() + nanos;
  // Growing pauses: each look takes the cache line from the reader that is making room.
  for (int pauses = 4; queue_.read_offset() == read_before_; pauses = std::min(2 * pauses, 64)) {
    if (platform::MonotonicNanos() >= end) return false;
    for (int i = 0; i < pauses; ++i) platform::CpuRelax();
  }
  return true;
}

template <typename Queue>
absl::Status CloudtoidPublisher<Queue>::Sleep(int64_t timeout_ns) {
  // Neither format tells a publisher that there is room, so it watches a reader that is at work,
  // and polls otherwise.
  if (watches_) {
    pause_.Reset();
    if (ReaderMoves(std::min(timeout_ns, watch_nanos_))) {
      watch_nanos_ = kWatchNanos;
      // The room that is needed may come in many parts.
      watches_ = ++moves_ < kMovesPerSleep;
      return absl::OkStatus();
    }
    watch_nanos_ = std::max(watch_nanos_ / 2, kShortestWatchNanos);
  }
  const int64_t limit = std::min(timeout_ns, pause_.Next());
  {
    absl::MutexLock lock(mutex_);
    if (wakes_ == wakes_before_) woken_.WaitWithTimeout(&mutex_, absl::Nanoseconds(limit));
  }
  watches_ = queue_.read_offset() != read_before_;
  moves_ = 0;
  return absl::OkStatus();
}

template <typename Queue>
void CloudtoidPublisher<Queue>::EndSleeps() {
  pause_.Reset();
  watches_ = true;
  moves_ = 0;
}

template <typename Queue>
void CloudtoidPublisher<Queue>::WakeWaiters() {
  absl::MutexLock lock(mutex_);
  ++wakes_;
  woken_.SignalAll();
}

template <typename Queue>
ABSL_ATTRIBUTE_NOINLINE absl::Status CloudtoidPublisher<Queue>::TooLarge(size_t size) const {
  return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes is larger than ",
                                                 max_message_size(),
                                                 ", the largest this queue takes"));
}

template <typename Queue>
void CloudtoidPublisher<Queue>::PauseWhenFull() const {
  // The offsets and the reader's lock share a cache line. Each look for room takes the line from
  // the reader that is making room. So a publisher that polls looks less often, and then finds room
  // for several messages. Readers are a quarter to a half faster for it (docs/benchmarks.md). The
  // pause is a small part of the time in which a reader could empty the queue. It is at most 2 to 5
  // us, on processors whose own pauses take 15 to 40 ns.
  constexpr int64_t kLongestPause = 128;
  constexpr int64_t kBytesForOne = 8192;
  const int64_t pauses = std::min(kLongestPause, queue_.capacity() / kBytesForOne);
  for (int64_t i = 0; i < pauses; ++i) platform::CpuRelax();
}

template <typename Queue>
ABSL_ATTRIBUTE_NOINLINE absl::Status CloudtoidPublisher<Queue>::StatusOf(Outcome outcome) {
  if (outcome == Outcome::kFull) {
    counting_.CountNotNow();
    PauseWhenFull();
    return this->not_now();
  }
  if (outcome == Outcome::kExhausted) {
    return absl::DataLossError(absl::StrCat("'", attachment_->path(), "' takes no more messages: ",
                                            "its positions have reached the largest number"));
  }
  return absl::DataLossError(
      absl::StrCat("'", attachment_->path(), "' is not a sound queue: ", queue_.damage()));
}

template <typename Queue>
absl::Status CloudtoidPublisher<Queue>::TryEnqueue(absl::Span<const uint8_t> message) {
  if (ABSL_PREDICT_FALSE(message.size() > max_message_size())) return TooLarge(message.size());
  const absl::MutexLockMaybe lock(LockIfShared());
  return EnqueueNow(message);
}

template <typename Queue>
inline absl::Status CloudtoidPublisher<Queue>::EnqueueNow(absl::Span<const uint8_t> message) {
  const Outcome outcome = queue_.Enqueue(message);
  if (ABSL_PREDICT_FALSE(outcome != Outcome::kDone)) return StatusOf(outcome);
  counting_.Count(message.size());
  return absl::OkStatus();
}

template <typename Queue>
absl::StatusOr<size_t> CloudtoidPublisher<Queue>::TryEnqueueBatch(
    absl::Span<const absl::Span<const uint8_t>> messages) {
  for (absl::Span<const uint8_t> message : messages) {
    if (message.size() > max_message_size()) return TooLarge(message.size());
  }
  size_t done = 0;
  const absl::MutexLockMaybe lock(LockIfShared());
  const Outcome outcome = queue_.EnqueueBatch(messages, &done);
  for (size_t i = 0; i < done; ++i) counting_.Count(messages[i].size());
  if (outcome == Outcome::kFull && done == 0) {
    counting_.CountNotNow();
    PauseWhenFull();
  }
  if (outcome == Outcome::kDone || outcome == Outcome::kFull) return done;
  return StatusOf(outcome);
}

template <typename Queue>
absl::StatusOr<PublisherEngine::Room> CloudtoidPublisher<Queue>::TryReserve(size_t size) {
  if (size > max_message_size()) return TooLarge(size);
  const absl::MutexLockMaybe lock(LockIfShared());
  if (!queue_.HasRoom(size)) return StatusOf(Outcome::kFull);
  Buffer buffer;
  if (!buffer.Allocate(size)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for a reservation of ", size, " bytes"));
  }
  Room room{next_reservation_++, absl::MakeSpan(buffer.data(), size)};
  reservations_.emplace(room.position, std::move(buffer));
  return room;
}

template <typename Queue>
absl::Status CloudtoidPublisher<Queue>::Commit(uint64_t position, size_t size) {
  absl::MutexLock lock(queue_mutex_);
  absl::Status status =
      EnqueueNow(absl::MakeConstSpan(reservations_.find(position)->second.data(), size));
  if (!absl::IsResourceExhausted(status)) reservations_.erase(position);
  return status;
}

template <typename Queue>
void CloudtoidPublisher<Queue>::Abort(uint64_t position) {
  absl::MutexLock lock(queue_mutex_);
  reservations_.erase(position);
}

template <typename Queue>
EndpointCounters CloudtoidPublisher<Queue>::counters() const {
  const absl::MutexLockMaybe lock(LockIfShared());
  return counting_.counters();
}

template class CloudtoidPublisher<QueueV2>;
template class CloudtoidPublisher<QueueV3>;

}  // namespace interprocess::cloudtoid
