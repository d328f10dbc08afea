// SPDX-License-Identifier: MIT

#include "core/native/queue_memory.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "absl/crc/crc32c.h"
#include "absl/numeric/bits.h"
#include "absl/strings/str_cat.h"

namespace interprocess::native {
namespace {

template <typename... Parts>
absl::Status Unsound(absl::string_view path, const Parts&... parts) {
  return absl::DataLossError(absl::StrCat("'", path, "' is not a sound queue file: ", parts...));
}

}  // namespace

uint32_t QueueMemory::ChecksumOf(Identity identity) {
  identity.device = 0;
  return static_cast<uint32_t>(absl::ComputeCrc32c(
      absl::string_view(reinterpret_cast<const char*>(&identity), kChecksummedBytes)));
}

Geometry Geometry::For(int64_t capacity, uint32_t max_participants) {
  uint64_t bytes = std::max(static_cast<uint64_t>(capacity), kMinPayloadBytes);
  return {absl::bit_ceil(bytes), max_participants};
}

uint64_t Geometry::reservations_offset() const {
  uint64_t end = kHeaderSize + uint64_t{max_participants} * kParticipantSize;
  return (end + kHeaderSize - 1) / kHeaderSize * kHeaderSize;
}

QueueMemory::QueueMemory(uint8_t* base, const Geometry& geometry, const Identity& identity)
    : header_(reinterpret_cast<Header*>(base)),
      participants_(reinterpret_cast<Participant*>(base + kHeaderSize)),
      reservations_(reinterpret_cast<Reservation*>(base + geometry.reservations_offset())),
      claims_(reinterpret_cast<Claim*>(base + geometry.claims_offset())),
      slots_(reinterpret_cast<Slot*>(base + geometry.slots_offset())),
      payload_(base + geometry.payload_offset()),
      ring_(geometry.slots()),
      geometry_(geometry),
      waiter_(static_cast<WaiterKind>(identity.waiter)),
      scope_(static_cast<NameScope>(identity.scope)),
      unique_(identity.unique),
      flags_(identity.flags) {}

void QueueMemory::Initialize(uint8_t* base, const NewQueue& queue) {
  const Geometry& geometry = queue.geometry;
  Identity identity = {};
  std::memcpy(identity.magic, kMagic, sizeof(kMagic));
  identity.byte_order = kByteOrderMark;
  identity.version = kFormatVersion;
  identity.file_size = geometry.file_size();
  identity.payload_bytes = geometry.payload_bytes;
  identity.slots = geometry.slots();
  identity.max_participants = geometry.max_participants;
  identity.header_size = kHeaderSize;
  identity.participants_offset = kHeaderSize;
  identity.reservations_offset = geometry.reservations_offset();
  identity.claims_offset = geometry.claims_offset();
  identity.slots_offset = geometry.slots_offset();
  identity.payload_offset = geometry.payload_offset();
  identity.device = queue.device;
  identity.inode = queue.inode;
  identity.created_ns = queue.created_ns;
  identity.unique = queue.unique;
  identity.waiter = static_cast<uint32_t>(queue.waiter);
  identity.scope = static_cast<uint32_t>(queue.scope);
  identity.flags = queue.flags;
  identity.checksum = ChecksumOf(identity);
  std::memcpy(base, &identity, sizeof(identity));
}

absl::StatusOr<QueueMemory> QueueMemory::Check(uint8_t* base, uint64_t size,
                                               absl::string_view path) {
  if (size < kHeaderSize) {
    return Unsound(path, "it has ", size, " bytes, a header alone has ", kHeaderSize);
  }
  // A copy, so that what is checked is what is used, should the file change meanwhile.
  Identity identity;
  std::memcpy(&identity, base, sizeof(identity));
  if (std::memcmp(identity.magic, kMagic, sizeof(kMagic)) != 0) {
    return Unsound(path, "it does not begin with 'IPQNATV1'");
  }
  if (identity.byte_order != kByteOrderMark) {
    if (identity.byte_order == absl::byteswap(kByteOrderMark)) {
      return Unsound(path, "it was made by a machine of the other byte order");
    }
    return Unsound(path, "its byte order mark is ", absl::Hex(identity.byte_order));
  }
  if (identity.version < kFormatVersion) {
    return Unsound(path, "it is of format ", identity.version,
                   ", which was never released; this library reads ", kFormatVersion,
                   ": remove it, or read it with what made it");
  }
  if (identity.version != kFormatVersion) {
    return Unsound(path, "its format version is ", identity.version, ", this library reads ",
                   kFormatVersion);
  }
  if (identity.checksum != ChecksumOf(identity)) {
    return Unsound(path, "the header's checksum is wrong");
  }
  Geometry geometry{identity.payload_bytes, identity.max_participants};
  if (!absl::has_single_bit(geometry.payload_bytes) || geometry.payload_bytes < kMinPayloadBytes ||
      geometry.payload_bytes > kMaxPayloadBytes) {
    return Unsound(path, "its capacity is ", geometry.payload_bytes);
  }
  if (geometry.max_participants < 1 || geometry.max_participants > kMaxParticipantIds) {
    return Unsound(path, "its participant table has ", geometry.max_participants, " entries");
  }
  if (identity.slots != geometry.slots() || identity.header_size != kHeaderSize ||
      identity.participants_offset != kHeaderSize ||
      identity.reservations_offset != geometry.reservations_offset() ||
      identity.claims_offset != geometry.claims_offset() ||
      identity.slots_offset != geometry.slots_offset() ||
      identity.payload_offset != geometry.payload_offset() ||
      identity.file_size != geometry.file_size()) {
    return Unsound(path, "the offsets in its header do not fit its capacity");
  }
  if (size != geometry.file_size()) {
    return Unsound(path, "it has ", size, " bytes, its header says ", geometry.file_size());
  }
  if (identity.waiter > static_cast<uint32_t>(WaiterKind::kSemaphore) ||
      identity.scope > static_cast<uint32_t>(NameScope::kMachine)) {
    return Unsound(path, "its waiter is ", identity.waiter, ", the scope of its names ",
                   identity.scope);
  }
  const bool spare = std::any_of(std::begin(identity.spare), std::end(identity.spare),
                                 [](uint8_t byte) { return byte != 0; });
  if (identity.kind != static_cast<uint32_t>(Kind::kWork) || spare ||
      (identity.flags & ~kKnownFlags) != 0) {
    return Unsound(path, "it asks for what this library does not know (kind ", identity.kind,
                   ", flags ", absl::Hex(identity.flags),
                   spare ? ", bytes that are spare here" : "", ")");
  }
  return QueueMemory(base, geometry, identity);
}

uint32_t QueueMemory::ids_used() const {
  // relaxed: an id that was taken a moment ago is found by the next look.
  return std::min(header_->ids_used.load(std::memory_order_relaxed), max_participants());
}

}  // namespace interprocess::native
