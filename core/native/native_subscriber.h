// SPDX-License-Identifier: MIT

// The subscriber's side of the native protocol.

#ifndef INTERPROCESS_CORE_NATIVE_NATIVE_SUBSCRIBER_H_
#define INTERPROCESS_CORE_NATIVE_NATIVE_SUBSCRIBER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/base/step.h"
#include "core/engine/engine.h"
#include "core/native/attachment.h"
#include "core/native/depth.h"
#include "core/native/holds.h"
#include "core/native/layout.h"
#include "core/native/recovery.h"
#include "core/native/waiting.h"

namespace interprocess::native {

// Keeps a promise that the order of messages rests on: every position below `position_` was claimed
// or released, or stands in `passed_`, or was put back (and then `returns` was counted up).
class NativeSubscriber : public SubscriberEngine {
 public:
  explicit NativeSubscriber(std::unique_ptr<Attachment> attachment);

  int64_t capacity() const override { return static_cast<int64_t>(memory_.payload_bytes()); }
  uint64_t unique() const override { return memory_.unique(); }
  size_t max_message_size() const override { return memory_.max_message_size(); }
  void PrepareSleep() override;
  absl::Status Sleep(int64_t timeout_ns) override;
  void EndSleeps() override;
  void WakeWaiters() override;
  absl::Status Leave() override { return attachment_->Leave(); }
  void Forget() override { attachment_->Forget(); }
  QueueFile file() const override { return attachment_->file(); }
  EndpointCounters counters() const override {
    return {messages_, bytes_, empty_, 0, redelivered_};
  }
  absl::StatusOr<uint64_t> ApproximateDepth() const override {
    return native::ApproximateDepth(memory_);
  }

  absl::StatusOr<size_t> TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) override;
  int64_t DequeueAtOnce(absl::Span<uint8_t> buffer, MessageInfo* info) override;
  absl::StatusOr<size_t> TryDequeueBatch(size_t max, Handler handle,
                                         const std::atomic<bool>& closed) override;
  absl::StatusOr<Claim> TryBorrow() override;
  absl::Status Acknowledge(uint64_t position) override;
  void GiveBack(uint64_t position) override;
  Alarm Arm(const Alarm& before) override;

 protected:
  // `kAlone`: no other subscriber is attached, so that nothing needs a compare-and-swap.
  template <bool kAlone>
  int64_t TakeAtOnce(absl::Span<uint8_t> buffer, MessageInfo* info);

 private:
  enum class Outcome {
    kClaimed,
    kNone,      // nothing to take: at the place that was looked at, or at all
    kTaken,     // by another, that message
    kTooLarge,  // for the caller's buffer; it stays
    kDamaged,
  };
  // What the words of a lap have in common, for this subscriber.
  struct Lap {
    uint64_t first;  // its first position
    uint64_t ready;
    // Those that a claim goes through.
    uint64_t free;
    uint64_t claimed;
    uint64_t done;
  };
  struct Claimed {
    uint64_t position;
    std::atomic<uint64_t>* claim;
    uint64_t done;  // its word then
    const uint8_t* bytes;
    size_t size;
    // Not the slot's whole word: compilers would load it and `size` as one, which the processor
    // answers only when both stores have left its buffer.
    uint32_t meta;
    // In line, which in code for shared libraries is more than a saved call: what it reads need not
    // lie in memory.
    MessageInfo info() const {
      MessageInfo info;
      info.size = size;
      info.earlier_deliveries = meta >> kMetaDeliveriesShift;
      info.redelivered = (meta & kMetaRedelivered) != 0;
      info.position = position;
      return info;
    }
    MessageView view() const { return MessageView(absl::MakeConstSpan(bytes, size), info()); }
  };

  // Claims the next message that is due, if it has at most `max_size` bytes. Inlined into the
  // calls, for the case that it is READY at the own position, below `run_stop_`; false if it
  // claimed nothing. Then all else is in ClaimNext and in native_subscriber_held_up.cc.
  // `kAlone` as `alone_`; `kSmall`: at most a unit of payload is taken.
  template <bool kAlone, bool kSmall>
  bool ClaimAtOnce(size_t max_size, Claimed* claimed);
  Outcome ClaimDue(size_t max_size, Claimed* claimed);
  Outcome ClaimNext(size_t max_size, Claimed* claimed);
  Outcome ClaimNextSlowly(size_t max_size, Claimed* claimed);
  Outcome ClaimAtOwnPosition(size_t max_size, Claimed* claimed);
  Outcome Outrun();
  Outcome LookAtReservation(uint64_t position, uint64_t slot);
  Outcome ClaimReturned(size_t max_size, Claimed* claimed);
  // Of a message that was put back: in no order.
  Outcome ClaimPutBack(uint64_t position, size_t max_size, Claimed* claimed);
  Outcome Scan(size_t max_size, Claimed* claimed);
  void StartScan(uint64_t target);
  Outcome ClaimPassed(uint64_t below, size_t max_size, Claimed* claimed);
  // Claims `position`, whose slot was seen READY of its lap, or what was passed by before it.
  Outcome ClaimReady(uint64_t position, size_t max_size, Claimed* claimed);
  Outcome ClaimSlot(uint64_t position, size_t max_size, Claimed* claimed);
  template <bool kAlone>
  bool Take(uint64_t position, std::atomic<uint64_t>& claim, uint64_t claimed, uint64_t* seen);
  template <bool kSmall>
  bool Fill(Slot& slot, uint64_t about, Claimed* claimed);
  Outcome ClaimAfter(uint64_t position, uint64_t claim);
  Outcome TooLarge(uint64_t position, uint64_t about, Claimed* claimed);
  Outcome Damaged(uint64_t position, const char* word);
  // After a claim at the own position, which is the next now. Not while something is passed by:
  // only this subscriber's list knows of it.
  void TellHead() { TellHead(position_); }
  void TellHead(uint64_t position) {
    // release: everything below was claimed before; a newcomer may start here.
    if (position % kHintStep == 0) {
      memory_.header().head.store(position, std::memory_order_release);
    }
  }
  Lap LapOf(uint64_t position) const;
  void StartRun();
  bool RunGoesOn();
  int64_t TakeAfterAll(absl::Span<uint8_t> buffer, MessageInfo* info);
  void JumpTo(uint64_t position);
  bool MayPassBy(uint32_t owner, uint64_t position);
  bool IsSoundUncommitted(uint32_t owner, uint64_t position) const;
  bool IsOwn(uint64_t position) const;
  void NotifySpace() {
    front_.Notify();
    space_.Notify();
  }
  int64_t WakeAfterTake(size_t size);
  void Release(std::atomic<uint64_t>& claim, uint64_t done) {
    INTERPROCESS_STEP("subscriber.read");
    // release: our reads of the slot and the payload come before; the next publisher acquires.
    claim.store(done, std::memory_order_release);
    INTERPROCESS_STEP("subscriber.released");
  }
  void PutBack(uint64_t position);
  void PassOn();

  absl::Status StatusOf(Outcome outcome, const Claimed& claimed) const;
  int64_t SleepLimit();
  void LookNowAndThen();
  void ProbePassedOwners();
  void Count(const Claimed& claimed);
  // Once, however often it is tried again before the next message is taken.
  void CountEmpty() {
    if (empty_at_ == messages_) return;
    empty_at_ = messages_;
    ++empty_;
  }
  void Receive(const Claimed& claimed, const uint64_t& done, uint8_t* to);
  void PublishCounters();

  std::unique_ptr<Attachment> attachment_;
  const QueueMemory memory_;
  Participant& record_;
  const uint32_t id_;
  const bool alone_;  // no other subscriber is attached
  Holds holds_;
  Recovery recovery_;
  Notifier space_;
  Notifier front_;
  Sleeper sleeper_;

  uint64_t position_;
  // Positions below it are of the lap of `lap_`, and at the first that is READY there is nothing
  // else to do than to take it. 0: there is.
  uint64_t run_stop_ = 0;
  Lap lap_;
  const uint8_t* next_bytes_ = nullptr;  // a guess, for a prefetch
  // Positions below `position_` that were passed by, ascending: their publishers had not committed.
  // At most one for each slot; a call takes memory only for more than there usually are.
  std::vector<uint64_t> passed_;
  bool held_up_ = false;  // the last look ended at a reservation, or with some passed by
  bool pass_on_ = false;  // has slept, or was armed: others that sleep may have to be woken
  uint64_t held_position_ = UINT64_MAX;
  int64_t held_since_ns_ = 0;
  uint32_t slow_owner_ = 0;  // of the last reservation that was passed by or resolved
  uint32_t dead_owner_ = 0;  // the same, if it was dead
  int64_t next_probe_ns_ = 0;
  // When the reservation of a position that is not committed was looked at last, in ticks; 0: to be
  // looked at now.
  uint64_t looked_at_ = 0;

  // Up to this count of `returns`, what was put back has been looked for.
  uint64_t returns_seen_ = 0;
  // A scan for what was put back and cannot be found otherwise goes on from `scan_next_` to
  // `scan_end_`; when it is through, it has seen all up to the count `scan_target_`.
  uint64_t scan_target_ = 0;
  uint64_t scan_next_ = 0;
  uint64_t scan_end_ = 0;
  bool scanned_ = false;   // in the call that runs
  uint64_t all_done_ = 0;  // all positions below it are done

  // The clock is looked at when the own position has come to this one, from which each call that
  // takes a longer way takes one off: so that a busy subscriber looks for the dead as well.
  uint64_t clock_position_;
  uint32_t calls_per_clock_ = 1;
  int64_t last_clock_ns_ = 0;
  uint64_t last_clock_ticks_ = 0;
  int64_t next_look_ns_ = 0;

  uint64_t messages_ = 0;
  uint64_t redelivered_ = 0;
  uint64_t bytes_ = 0;
  uint64_t empty_ = 0;
  uint64_t empty_at_ = UINT64_MAX;  // `messages_` when the queue was last found empty
  uint64_t damaged_position_ = 0;
  const char* damaged_word_ = "";
};

// The only subscriber of a queue that was made for one.
class ExclusiveSubscriber final : public NativeSubscriber {
 public:
  using NativeSubscriber::NativeSubscriber;
  int64_t DequeueAtOnce(absl::Span<uint8_t> buffer, MessageInfo* info) override;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_NATIVE_SUBSCRIBER_H_
