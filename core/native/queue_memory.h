// SPDX-License-Identifier: MIT

// A native queue's parts in memory.

#ifndef INTERPROCESS_CORE_NATIVE_QUEUE_MEMORY_H_
#define INTERPROCESS_CORE_NATIVE_QUEUE_MEMORY_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/native/layout.h"
#include "core/native/words.h"

namespace interprocess::native {

struct Geometry {
  uint64_t payload_bytes;
  uint32_t max_participants;

  // For a capacity as asked for: rounded up to a power of two of at least a page.
  static Geometry For(int64_t capacity, uint32_t max_participants);

  uint64_t slots() const { return payload_bytes / kUnit; }
  uint64_t reservations_offset() const;
  uint64_t claims_offset() const { return reservations_offset() + slots() * kEntrySize; }
  uint64_t slots_offset() const { return claims_offset() + slots() * kEntrySize; }
  uint64_t payload_offset() const { return slots_offset() + slots() * kSlotSize; }
  uint64_t file_size() const { return payload_offset() + payload_bytes; }
};

// What the header of a new queue says.
struct NewQueue {
  Geometry geometry;
  // Of its file.
  uint64_t device;
  uint64_t inode;
  int64_t created_ns;  // by the wall clock, since 1970
  uint64_t unique;     // that no other queue has
  WaiterKind waiter = WaiterKind::kWord;
  NameScope scope = NameScope::kSession;
  uint32_t flags = 0;  // kFlagOnePublisher, kFlagOneSubscriber
};

// Pointers into the mapped bytes of one queue. Copyable; the bytes outlive it. What it hands out is
// always inside the mapping, whatever the file holds: indices are masked, and the geometry was
// copied out and checked when it was made.
class QueueMemory {
 public:
  // Writes the header of a new queue over zeros. `base` has geometry.file_size() bytes.
  static void Initialize(uint8_t* base, const NewQueue& queue);

  // Of all but the device's number, which a file system may have anew with each mount.
  static uint32_t ChecksumOf(Identity identity);

  // Checks the header of `size` mapped bytes: DataLoss says what is wrong with `path`.
  static absl::StatusOr<QueueMemory> Check(uint8_t* base, uint64_t size, absl::string_view path);

  Header& header() const { return *header_; }
  const Ring& ring() const { return ring_; }
  const Geometry& geometry() const { return geometry_; }
  uint64_t payload_bytes() const { return geometry_.payload_bytes; }
  WaiterKind waiter() const { return waiter_; }
  NameScope scope() const { return scope_; }
  uint64_t unique() const { return unique_; }
  // One publisher, one subscriber at a time.
  bool one_publisher() const { return (flags_ & kFlagOnePublisher) != 0; }
  bool one_subscriber() const { return (flags_ & kFlagOneSubscriber) != 0; }
  // Where in the file something of it lies; below 2^32 for all that lies in the header.
  uint64_t OffsetOf(const void* part) const {
    return static_cast<uint64_t>(static_cast<const uint8_t*>(part) -
                                 reinterpret_cast<const uint8_t*>(header_));
  }
  // A slot holds a message's length in 32 bits.
  uint64_t max_message_size() const {
    return payload_bytes() < UINT32_MAX ? payload_bytes() : UINT32_MAX;
  }
  // How many positions one call may step over, or lose to others, in a row. A newcomer with an old
  // hint may have the whole ring to go; no sound queue comes near twice that. Bytes that something
  // else changes all the time could keep a call busy for ever.
  uint64_t max_steps() const { return 2 * ring_.slots() + 65536; }
  uint64_t payload_units() const { return ring_.slots(); }
  uint32_t max_participants() const { return geometry_.max_participants; }

  Reservation& reservation(uint64_t position) const {
    return reservations_[ring_.IndexOf(position)];
  }
  Claim& claim(uint64_t position) const { return claims_[ring_.IndexOf(position)]; }
  Slot& slot(uint64_t position) const { return slots_[ring_.IndexOf(position)]; }
  // `id` is 1 to max_participants.
  Participant& participant(uint32_t id) const { return participants_[id - 1]; }
  // The ids that may ever have been taken: 1 to this.
  uint32_t ids_used() const;

  // Whether `size` bytes at a byte offset of the payload ring lie inside it.
  bool IsPayload(uint64_t offset, uint64_t size) const {
    return offset <= payload_bytes() && size <= payload_bytes() - offset;
  }
  uint8_t* payload(uint64_t offset, uint64_t size) const {
    return IsPayload(offset, size) ? payload_ + offset : nullptr;
  }
  // At an offset that is known to lie inside it.
  uint8_t* payload_at(uint64_t offset) const { return payload_ + offset; }

 private:
  QueueMemory(uint8_t* base, const Geometry& geometry, const Identity& identity);
  Header* header_;
  Participant* participants_;
  Reservation* reservations_;
  Claim* claims_;
  Slot* slots_;
  uint8_t* payload_;
  Ring ring_;
  Geometry geometry_;
  WaiterKind waiter_;
  NameScope scope_;
  uint64_t unique_;
  uint32_t flags_;
};

}  // namespace interprocess::native

#endif  // INTERPROCESS_CORE_NATIVE_QUEUE_MEMORY_H_
