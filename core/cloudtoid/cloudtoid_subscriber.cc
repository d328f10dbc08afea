// SPDX-License-Identifier: MIT

#include "core/cloudtoid/cloudtoid_subscriber.h"

#include <algorithm>
#include <limits>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"
#include "absl/status/status_macros.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "core/cloudtoid/queue_v2.h"
#include "core/cloudtoid/queue_v3.h"

namespace interprocess::cloudtoid {
namespace {

MessageInfo InfoOf(const Claimed& claimed) {
  MessageInfo info;
  info.size = static_cast<size_t>(claimed.size);
  // The formats do not count deliveries. There was at least one.
  info.earlier_deliveries = claimed.redelivered ? 1 : 0;
  info.redelivered = claimed.redelivered;
  return info;
}

constexpr size_t kAnySize = std::numeric_limits<int32_t>::max();

// A call that loses a message to another reader while it copies it takes the next one, at most this
// many times.
constexpr int kMaxLost = 8;

}  // namespace

template <typename Queue>
size_t CloudtoidSubscriber<Queue>::max_message_size() const {
  constexpr int64_t kLongest = std::numeric_limits<int32_t>::max() - 15;
  return static_cast<size_t>(std::min(queue_.capacity() - kRecordHeader, kLongest));
}

template <typename Queue>
void CloudtoidSubscriber<Queue>::WakeWaiters() {
  // The sleeper waits for a permit. A waiter of another process may take the permit first, so this
  // posts again. If others take all permits, the sleeper looks after its sleep.
  constexpr int kTries = 20;
  constexpr absl::Duration kPause = absl::Microseconds(50);
  // seq_cst: this comes before the load of sleeps_, see Sleep.
  wakes_.fetch_add(1, std::memory_order_seq_cst);
  for (int i = 0; i < kTries && sleeps_.load(std::memory_order_seq_cst); ++i) {
    attachment_->environment().Post();
    absl::SleepFor(kPause);
  }
}

template <typename Queue>
absl::Status CloudtoidSubscriber<Queue>::NotNow() {
  counting_.CountNotNow();
  return this->not_now();
}

template <typename Queue>
ABSL_ATTRIBUTE_NOINLINE absl::Status CloudtoidSubscriber<Queue>::StatusOf(Outcome outcome,
                                                                          const Claimed& claimed) {
  switch (outcome) {
    case Outcome::kTooLarge:
      return absl::OutOfRangeError(
          absl::StrCat("the next message has ", claimed.size, " bytes, the buffer fewer"));
    case Outcome::kDamaged:
      return absl::DataLossError(
          absl::StrCat("'", attachment_->path(), "' is not a sound queue: ", queue_.damage()));
    default:
      return NotNow();
  }
}

template <typename Queue>
ABSL_ATTRIBUTE_NOINLINE absl::Status CloudtoidSubscriber<Queue>::CheckNotLent() {
  absl::MutexLock lock(queue_mutex_);
  // It may have been returned since the caller looked.
  if (!borrowed_.has_value()) return absl::OkStatus();
  if (queue_.IsLast(*borrowed_)) return NotNow();
  return absl::UnimplementedError(
      absl::StrCat(format_,
                   " lends one message at a time: acknowledge the one that is borrowed, or "
                   "give it back, before taking another"));
}

template <typename Queue>
inline Outcome CloudtoidSubscriber<Queue>::ClaimNext(size_t max_size, Claimed* claimed) {
  const Outcome outcome = queue_.Claim(max_size, claimed);
  held_up_ = outcome == Outcome::kHeldUp;
  return outcome;
}

template <typename Queue>
absl::StatusOr<size_t> CloudtoidSubscriber<Queue>::TryDequeue(absl::Span<uint8_t> buffer,
                                                              MessageInfo* info) {
  if (LockIfLent() != nullptr) {
    absl::Status free = CheckNotLent();
    if (!free.ok()) return free;
  }
  Claimed claimed;
  for (int lost = 0; lost < kMaxLost; ++lost) {
    const Outcome outcome = ClaimNext(buffer.size(), &claimed);
    if (info != nullptr && (outcome == Outcome::kDone || outcome == Outcome::kTooLarge)) {
      *info = InfoOf(claimed);
    }
    if (ABSL_PREDICT_FALSE(outcome != Outcome::kDone)) return StatusOf(outcome, claimed);
    const auto size = static_cast<size_t>(claimed.size);
    queue_.ring().CopyOut(claimed.offset, buffer.data(), size);
    if (ABSL_PREDICT_TRUE(queue_.Finish(claimed))) {
      Count(claimed);
      return size;
    }
  }
  return NotNow();
}

template <typename Queue>
absl::StatusOr<std::optional<absl::Span<const uint8_t>>> CloudtoidSubscriber<Queue>::View(
    const Claimed& claimed) {
  const auto size = static_cast<size_t>(claimed.size);
  if (Queue::kViewsStay) {
    const uint8_t* bytes = queue_.ring().Contiguous(claimed.offset, size);
    if (bytes != nullptr) return absl::MakeConstSpan(bytes, size);
  }
  if (!buffer_.Holds(size) && !buffer_.Allocate(size)) {
    queue_.PutBack(claimed);
    return absl::ResourceExhaustedError(
        absl::StrCat("no memory for a message of ", size, " bytes"));
  }
  queue_.ring().CopyOut(claimed.offset, buffer_.data(), size);
  if (!queue_.StillOurs(claimed)) return std::nullopt;
  return absl::MakeConstSpan(buffer_.data(), size);
}

template <typename Queue>
absl::StatusOr<size_t> CloudtoidSubscriber<Queue>::TryDequeueBatch(
    size_t max, Handler handle, const std::atomic<bool>& closed) {
  if (LockIfLent() != nullptr) {
    absl::Status free = CheckNotLent();
    if (!free.ok()) return free;
  }
  size_t done = 0;
  int lost = 0;
  Claimed claimed;
  Outcome outcome = Outcome::kNone;
  while (done < max && lost < kMaxLost) {
    outcome = ClaimNext(kAnySize, &claimed);
    if (outcome != Outcome::kDone) break;
    auto view = View(claimed);
    if (!view.ok()) return done > 0 ? absl::StatusOr<size_t>(done) : view.status();
    if (!view->has_value()) {
      ++lost;
      continue;
    }
    // The message leaves the queue when the handler returns. If the handler throws, it stays.
    struct Undo {
      Queue* queue;
      const Claimed& claimed;
      ~Undo() {
        if (queue != nullptr) queue->PutBack(claimed);
      }
    } undo{&queue_, claimed};
    handle(MessageView(**view, InfoOf(claimed)));
    undo.queue = nullptr;
    // If the handler took longer than a reader may, another reader gets the message as well.
    queue_.Finish(claimed);
    Count(claimed);
    ++done;
    // relaxed: the handler itself may have set it.
    if (closed.load(std::memory_order_relaxed)) return done;
  }
  if (done > 0 || max == 0) return done;
  return StatusOf(outcome, claimed);
}

template <typename Queue>
absl::StatusOr<SubscriberEngine::Claim> CloudtoidSubscriber<Queue>::TryBorrow() {
  if (LockIfLent() != nullptr) {
    absl::Status free = CheckNotLent();
    if (!free.ok()) return free;
  }
  Claimed claimed;
  for (int lost = 0; lost < kMaxLost; ++lost) {
    const Outcome outcome = ClaimNext(kAnySize, &claimed);
    if (outcome != Outcome::kDone) return StatusOf(outcome, claimed);
    ABSL_ASSIGN_OR_RETURN(const std::optional<absl::Span<const uint8_t>> view, View(claimed));
    if (!view.has_value()) continue;
    borrowed_ = claimed;
    Count(claimed);
    return Claim{static_cast<uint64_t>(claimed.position), MessageView(*view, InfoOf(claimed))};
  }
  return NotNow();
}

template <typename Queue>
absl::Status CloudtoidSubscriber<Queue>::Acknowledge(uint64_t /*position*/) {
  absl::MutexLock lock(queue_mutex_);
  const bool taken = queue_.Finish(*borrowed_);
  borrowed_.reset();
  if (taken) return absl::OkStatus();
  return absl::UnimplementedError(
      absl::StrCat(format_,
                   " lends a message for ten seconds, which are over: it is, or will be, "
                   "delivered again"));
}

template <typename Queue>
void CloudtoidSubscriber<Queue>::GiveBack(uint64_t /*position*/) {
  absl::MutexLock lock(queue_mutex_);
  queue_.PutBack(*borrowed_);
  borrowed_.reset();
  // The formats have no other way to tell a waiter.
  queue_.Relay();
}

template <typename Queue>
void CloudtoidSubscriber<Queue>::PrepareSleep() {
  // seq_cst: this comes before the caller looks at what ends its wait.
  wakes_before_ = wakes_.load(std::memory_order_seq_cst);
}

template <typename Queue>
absl::Status CloudtoidSubscriber<Queue>::Sleep(int64_t timeout_ns) {
  // Neither format tells that another reader has finished, that a record is complete, or that a
  // permit that is owed never comes.
  int64_t limit = kIdleSleepNanos;
  // MustPoll looks at the queue's memory alone.
  if (held_up_ || queue_.MustPoll()) {
    limit = pause_.Next();
  } else {
    pause_.Reset();
  }
  // seq_cst, all. WakeWaiters counts and then loads sleeps_. So either it sees that this thread
  // sleeps, or this thread sees the count.
  sleeps_.store(true, std::memory_order_seq_cst);
  if (wakes_.load(std::memory_order_seq_cst) == wakes_before_ &&
      attachment_->environment().TakePermit(std::min(timeout_ns, limit))) {
    const absl::MutexLockMaybe lock(LockIfLent());
    queue_.OnPermit();
    pause_.Reset();
  }
  sleeps_.store(false, std::memory_order_seq_cst);
  slept_ = true;
  return absl::OkStatus();
}

template <typename Queue>
void CloudtoidSubscriber<Queue>::EndSleeps() {
  pause_.Reset();
  if (!slept_) return;
  slept_ = false;
  const absl::MutexLockMaybe lock(LockIfLent());
  queue_.Relay();
}

template class CloudtoidSubscriber<QueueV2>;
template class CloudtoidSubscriber<QueueV3>;

}  // namespace interprocess::cloudtoid
