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
#include "core/native/recovery.h"
#include "core/native/waiting.h"

namespace interprocess::native {

class NativePublisher final : public PublisherEngine {
 public:
  explicit NativePublisher(std::unique_ptr<Attachment> attachment);

  int64_t capacity() const override { return static_cast<int64_t>(memory_.payload_bytes()); }
  size_t max_message_size() const override { return memory_.max_message_size(); }
  void PrepareSleep() override { sleeper_.Prepare(); }
  absl::Status Sleep(int64_t timeout_ns) override;
  void EndSleeps() override;
  void WakeWaiters() override;
  absl::Status Leave() override { return attachment_->Leave(); }
  void Forget() override { attachment_->Forget(); }

  absl::Status TryEnqueue(absl::Span<const uint8_t> message) override;
  absl::StatusOr<size_t> TryEnqueueBatch(
      absl::Span<const absl::Span<const uint8_t>> messages) override;
  absl::StatusOr<Room> TryReserve(size_t size) override;
  absl::Status Commit(uint64_t position, size_t size) override;
  void Abort(uint64_t position) override;

 private:
  enum class Outcome { kReserved, kFull, kDamaged };
  enum class RoomFound { kRoom, kFull, kMoved };

  // Reserves the next slot, and payload where the message does not fit in it. Inlined into the
  // calls: what is rare is in functions of its own.
  Outcome ReserveSlot(size_t size, Room* room);
  void Advance(uint64_t word, uint64_t lost);
  RoomFound FindRoom(uint64_t position, uint64_t word, uint64_t end, uint64_t need);
  bool HasRoom(uint64_t end, uint64_t need) const {
    // Never computed as what is left of the capacity: after a message that skipped to the ring's
    // beginning, more than the capacity may be in use.
    return end + need - room_start_ <= memory_.payload_units() || end == room_start_;
  }
  // After ReserveSlot found no room: once more, if something could be done about it.
  absl::Status ReserveAfter(Outcome outcome, size_t size, Room* room);
  bool RecoverWhenFull();
  void CommitSlot(uint64_t position, size_t size);
  void ClearOwn(uint64_t position, size_t keep);
  absl::Status TooLarge(size_t size) const;

  std::unique_ptr<Attachment> attachment_;
  const QueueMemory memory_;
  Participant& record_;
  const uint32_t id_;
  Recovery recovery_;
  Sleeper sleeper_;

  uint64_t position_;  // the next to try: none below it is FREE of its lap
  // The position after the last one that this publisher reserved, and the payload's end there: that
  // slot may belong to a subscriber's cache by now and is not looked at again.
  uint64_t own_next_ = UINT64_MAX;
  uint64_t own_end_ = 0;
  // Payload is known to be free below `room_start_` + capacity; found by a walk over released
  // slots, which went as far as `walked_`.
  uint64_t room_start_ = 0;
  uint64_t walked_ = 0;
  uint64_t walk_ = 0;  // how far the last walk went

  // What stood in the way when the queue was last found full.
  uint64_t blocked_position_ = 0;
  uint64_t blocked_word_ = 0;
  int64_t next_probe_ns_ = 0;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_NATIVE_PUBLISHER_H_
