// SPDX-License-Identifier: MIT

// The publisher's side of the native protocol.

#ifndef INTERPROCESS_CORE_NATIVE_NATIVE_PUBLISHER_H_
#define INTERPROCESS_CORE_NATIVE_NATIVE_PUBLISHER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "core/engine/engine.h"
#include "core/native/attachment.h"
#include "core/native/depth.h"
#include "core/native/holds.h"
#include "core/native/recovery.h"
#include "core/native/waiting.h"

namespace interprocess::native {

class NativePublisher : public PublisherEngine {
 public:
  explicit NativePublisher(std::unique_ptr<Attachment> attachment);

  int64_t capacity() const override { return static_cast<int64_t>(memory_.payload_bytes()); }
  size_t max_message_size() const override { return max_message_size_; }
  void PrepareSleep() override;
  absl::Status Sleep(int64_t timeout_ns) override;
  void EndSleeps() override;
  void WakeWaiters() override;
  absl::Status Leave() override { return attachment_->Leave(); }
  void Forget() override { attachment_->Forget(); }
  QueueFile file() const override { return attachment_->file(); }
  EndpointCounters counters() const override;
  absl::StatusOr<uint64_t> ApproximateDepth() const override {
    return native::ApproximateDepth(memory_);
  }

  absl::Status TryEnqueue(absl::Span<const uint8_t> message) override;
  bool EnqueueAtOnce(absl::Span<const uint8_t> message) override;
  absl::StatusOr<size_t> TryEnqueueBatch(
      absl::Span<const absl::Span<const uint8_t>> messages) override;
  absl::StatusOr<Room> TryReserve(size_t size) override;
  absl::Status Commit(uint64_t position, size_t size) override;
  void Abort(uint64_t position) override;

 protected:
  // `kAlone`: no other publisher is attached, so that nothing needs a compare-and-swap.
  template <bool kAlone>
  bool SendAtOnce(absl::Span<const uint8_t> message);

 private:
  enum class Outcome { kReserved, kFull, kDamaged };
  // kMoved: the position was reserved by another meanwhile.
  enum class RoomFound { kRoom, kFull, kMoved, kDamaged };

  // What is reserved: where the message goes, and what its slot says of it but its length.
  struct Reserved {
    uint64_t position;
    Slot* slot;
    uint8_t* bytes;
    uint32_t meta;
  };
  // What the words of a lap have in common, for this publisher.
  struct Lap {
    uint64_t first;     // its first position
    uint64_t before;    // the reservations' words of the lap before: from here on
    uint64_t width;     // as many of them as there may be
    uint64_t reserved;  // own, without units
    uint64_t end;       // the tag
    uint64_t ready;
  };
  // What is known of the own position and those that follow it, so that a call looks at what others
  // may have changed and at nothing else. Between two messages of this publisher, while no other
  // publisher reserves.
  struct Run {
    // Positions below it are of the lap of `lap_`, and what lay there a ring ago is done. 0: not so
    // for the own position, or there is something else to do first.
    uint64_t stop = 0;
    // The word for the end before the own position, but of the lap of `lap_`.
    uint64_t end = 0;
    // The highest such word up to which payload is free, and lies in one piece.
    uint64_t end_limit = 0;
  };

  // Where a call stands in `run_`: a copy, which a compiler keeps in registers.
  struct Next {
    uint64_t position;
    uint64_t end;
  };

  // Reserves the next position, and payload where the message does not fit in its slot. Inlined
  // into the calls, for the case that `run_` goes on; false if it did nothing. Then all else is in
  // ReserveSlowly. Afterwards the position is of the lap of `lap_`. `kAlone` as `alone_`.
  template <bool kAlone>
  bool ReserveAtOnce(size_t size, Next* next, Reserved* reserved);
  absl::Status Reserve(size_t size, Reserved* reserved);
  // Once more, if no room was found and something could be done about it.
  absl::Status ReserveSlowly(size_t size, Reserved* reserved);
  Outcome ReserveSlot(size_t size, Reserved* reserved);
  template <bool kAlone>
  bool Take(uint64_t position, Reservation& entry, uint64_t word, uint64_t end, uint64_t need);
  void Place(uint64_t position, uint64_t units, uint64_t offset, Reserved* reserved);
  void StartLap(uint64_t lap);
  void StartRun(uint64_t end);
  void Advance(uint64_t word, uint64_t lost);
  RoomFound FindRoom(uint64_t position, uint64_t end, uint64_t need);
  RoomFound Walk(uint64_t stop);
  uint64_t HearOfReleased(uint64_t position);
  bool HasSlot(uint64_t position) const { return position - released_ < memory_.ring().slots(); }
  bool HasPayload(uint64_t end, uint64_t need) const {
    // Never computed as what is left of the capacity: after a message that skipped to the ring's
    // beginning, more than the capacity may be in use.
    return Ring::Distance(room_start_, end) + need <= memory_.payload_units() || end == room_start_;
  }
  // Of payload, for a message that does not fit in its slot.
  static uint64_t UnitsFor(size_t size) { return (size + kUnit - 1) / kUnit; }
  // With what it skips at the ring's end, for a message never wraps.
  uint64_t NeedAt(uint64_t end, uint64_t units) const {
    const uint64_t left = memory_.payload_units() - memory_.ring().IndexOf(end);
    return units <= left ? units : units + left;
  }
  Outcome Damaged(uint64_t position, const char* word);
  bool RecoverWhenFull();
  bool CountIfLeft(uint64_t position, int64_t now);
  void CountFull();
  void Describe(Slot& slot, size_t size, uint32_t meta);
  void CommitSlot(Slot& slot, uint64_t ready);
  void Count(uint64_t end, uint64_t messages, uint64_t bytes);
  void Send(absl::Span<const uint8_t> message, const Reserved& reserved);
  template <bool kAlone>
  size_t SendRun(absl::Span<const absl::Span<const uint8_t>> messages, uint64_t* bytes);
  void SendInBatch(absl::Span<const uint8_t> message, const Reserved& reserved);
  bool WakeAfterSend();
  bool SendLargeAtOnce(absl::Span<const uint8_t> message);
  bool IsOwn(uint64_t position) const;
  bool MayPass(uint64_t line, uint64_t position, uint64_t end, uint64_t need);
  bool GetIntoLine(int64_t now);
  void TakeOffLine(uint64_t line);
  void PassOn();
  absl::Status TooLarge(size_t size) const;

  std::unique_ptr<Attachment> attachment_;
  const QueueMemory memory_;
  Participant& record_;
  const uint32_t id_;
  const bool alone_;  // no other publisher is attached
  const size_t max_message_size_;
  Holds holds_;
  Recovery recovery_;
  Notifier data_;
  Sleeper sleeper_;        // on `space`
  Sleeper front_sleeper_;  // on `front`

  uint64_t position_;  // the next to try: all below it were reserved
  Run run_;
  Lap lap_;
  // All positions below it are done; found by walks over claims.
  uint64_t released_ = 0;
  // Payload is known to be free below `room_start_` + capacity: the end before a position up to
  // which all were done.
  uint64_t room_start_ = 0;

  // The position whose message stood in the way when the queue was last found full.
  uint64_t blocked_position_ = 0;
  // That position has an owner, who lived when it was asked after, or was just put back.
  bool held_up_ = false;
  // The position that was found put back there, and since when; INT64_MAX: it was counted.
  uint64_t left_position_ = UINT64_MAX;
  int64_t left_since_ns_ = 0;
  uint64_t full_at_ = UINT64_MAX;  // the count of messages when the queue was last found full
  bool pass_on_ = false;           // has slept: others that sleep may have to be woken
  bool sleeps_in_front_ = false;
  // The call that waits: since when, for how many units, and our word in Header::line.
  int64_t waits_since_ns_ = 0;
  uint64_t wanted_units_ = 0;
  uint64_t line_ = 0;
  // Another's word there, and since when it could have had its room.
  uint64_t line_seen_ = 0;
  int64_t line_seen_ns_ = 0;
  int64_t next_line_probe_ns_ = 0;
  int64_t next_probe_ns_ = 0;
  uint64_t damaged_position_ = 0;
  const char* damaged_word_ = "";
};

// The only publisher of a queue that was made for one.
class ExclusivePublisher final : public NativePublisher {
 public:
  using NativePublisher::NativePublisher;
  bool EnqueueAtOnce(absl::Span<const uint8_t> message) override;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_NATIVE_PUBLISHER_H_
