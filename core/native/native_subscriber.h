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
#include "core/engine/engine.h"
#include "core/native/attachment.h"
#include "core/native/layout.h"
#include "core/native/recovery.h"
#include "core/native/waiting.h"

namespace interprocess::native {

// Keeps a promise that the order of messages rests on: every position below `position_` was claimed
// or released, or stands in `passed_`, or was put back (and then `returns` was counted up).
class NativeSubscriber final : public SubscriberEngine {
 public:
  explicit NativeSubscriber(std::unique_ptr<Attachment> attachment);

  int64_t capacity() const override { return static_cast<int64_t>(memory_.payload_bytes()); }
  size_t max_message_size() const override { return memory_.max_message_size(); }
  void PrepareSleep() override { sleeper_.Prepare(); }
  absl::Status Sleep(int64_t timeout_ns) override;
  void EndSleeps() override;
  void WakeWaiters() override;
  absl::Status Leave() override { return attachment_->Leave(); }
  void Forget() override { attachment_->Forget(); }

  absl::StatusOr<size_t> TryDequeue(absl::Span<uint8_t> buffer, MessageInfo* info) override;
  absl::StatusOr<size_t> TryDequeueBatch(size_t max, Handler handle,
                                         const std::atomic<bool>& closed) override;
  absl::StatusOr<Claim> TryBorrow() override;
  absl::Status Acknowledge(uint64_t position) override;
  void GiveBack(uint64_t position) override;
  Alarm Arm(const Alarm& before) override;

 private:
  enum class Outcome {
    kClaimed,
    kNone,      // nothing to take: at the place that was looked at, or at all
    kLost,      // another was quicker: look again
    kTooLarge,  // for the caller's buffer; it stays
    kDamaged,
  };
  struct Claimed {
    uint64_t position;
    const uint8_t* bytes;
    size_t size;
    uint32_t meta;
    MessageInfo info() const;
    MessageView view() const { return MessageView(absl::MakeConstSpan(bytes, size), info()); }
  };

  // Claims the next message that is due, if it has at most `max_size` bytes. Inlined into the
  // calls, for the case that it is READY at the own position and nothing else is going on; all else
  // is in native_subscriber_slow.cc.
  Outcome ClaimNext(size_t max_size, Claimed* claimed);
  Outcome ClaimNextSlowly(size_t max_size, Claimed* claimed);
  Outcome ClaimAtOwnPosition(size_t max_size, Claimed* claimed);
  Outcome ClaimReturned(size_t max_size, Claimed* claimed);
  Outcome ClaimPassed(uint64_t below, size_t max_size, Claimed* claimed);
  // Claims `position`, whose word was read as READY of its lap, or what was passed by before it.
  Outcome ClaimReady(uint64_t position, size_t max_size, Claimed* claimed);
  Outcome ClaimSlot(uint64_t position, size_t max_size, Claimed* claimed);
  // One of the looks that a call may take. False when they are used up.
  bool MayLook() { return looks_left_ != 0 && looks_left_-- != 0; }
  // After a claim at the own position.
  void MoveOn(uint64_t position) {
    position_ = position + 1;
    // release: everything below was claimed before; a newcomer may start here. Not while something
    // is passed by: only this subscriber's list knows of it.
    if (position % kHintStep == 0 && passed_.empty()) {
      memory_.header().head.store(position + 1, std::memory_order_release);
    }
  }
  bool PassByOrResolve(uint64_t position, uint64_t word);
  void Release(uint64_t position);

  absl::Status StatusOf(Outcome outcome, const Claimed& claimed) const;
  int64_t SleepLimit() const;
  void LookNowAndThen();
  void ProbePassedOwners();
  void Count(size_t size);
  void PublishCounters();

  std::unique_ptr<Attachment> attachment_;
  const QueueMemory memory_;
  Participant& record_;
  const uint32_t id_;
  Recovery recovery_;
  Sleeper sleeper_;

  uint64_t position_;
  uint64_t looks_left_ = 0;  // at slots, of the call that runs, if it is not the simple case
  const uint8_t* next_bytes_ = nullptr;  // a guess, for a prefetch
  // Positions below `position_` that were passed by, ascending: their publishers had not committed.
  // At most one for each slot.
  std::vector<uint64_t> passed_;
  bool held_up_ = false;  // the last look ended at a reservation, or with some passed by
  uint64_t held_position_ = UINT64_MAX;
  int64_t held_since_ns_ = 0;
  uint32_t slow_owner_ = 0;  // of the last reservation that was passed by or resolved
  uint32_t dead_owner_ = 0;  // the same, if it was dead
  int64_t next_probe_ns_ = 0;

  // Up to this count of `returns`, READY words below `position_` have been taken; 0: of none. A
  // scan for more goes on from `scan_next_` to `scan_end_`; when it is through, it has seen all up
  // to `scan_target_`.
  uint64_t returns_seen_ = 0;
  uint64_t scan_target_ = 0;
  uint64_t scan_next_ = 0;
  uint64_t scan_end_ = 0;

  // Calls until the clock is looked at, so that a busy subscriber looks for the dead as well.
  uint32_t calls_to_clock_ = 1;
  uint32_t calls_per_clock_ = 1;
  int64_t last_clock_ns_ = 0;
  int64_t next_look_ns_ = 0;

  uint64_t messages_ = 0;
  uint64_t bytes_ = 0;
  uint64_t empty_ = 0;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_NATIVE_SUBSCRIBER_H_
