// SPDX-License-Identifier: MIT

#include "core/native/adoption.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/native/layout.h"
#include "core/platform/lease.h"
#include "core/platform/mapped_file.h"

namespace interprocess::native {
namespace {

// Of the header's identity only the device ever changes. seq_cst, all accesses: a joiner says so in
// its record and then looks at the device; a participant that takes over changes the device and
// then looks at the records. One of the two sees the other.
std::atomic<uint64_t>& DeviceOf(const QueueMemory& memory) {
  static_assert(sizeof(std::atomic<uint64_t>) == sizeof(uint64_t) &&
                offsetof(Identity, device) % sizeof(uint64_t) == 0);
  return reinterpret_cast<std::atomic<uint64_t>&>(memory.header().identity.device);
}

absl::Status Moved(const QueueMemory& memory, const platform::FileIdentity& identity,
                   const std::string& path, const std::string& why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "queue '", path, "' was used on device ", DeviceOf(memory).load(std::memory_order_seq_cst),
      " and is on device ", identity.device,
      " now: its file system was mounted with another number, or this is another way to the file, ",
      "by which the leases of others are not seen", why));
}

// Empty if all have left.
std::string WhoHasNotLeft(const QueueMemory& memory) {
  std::string who;
  int count = 0;
  for (uint32_t id = 1; id <= memory.max_participants(); ++id) {
    const Participant& record = memory.participant(id);
    if (StatusOf(record.state.load(std::memory_order_seq_cst)) == ParticipantStatus::kClean) {
      continue;
    }
    // relaxed: for the error text only.
    if (count++ == 0) who = absl::StrCat(record.process_id.load(std::memory_order_relaxed));
  }
  if (count == 0) return who;
  return absl::StrCat(
      "; ", count, " participants of it have not left (one is of process ", who,
      "). If none of them runs any more, `ipq doctor QUEUE --adopt` takes the queue ",
      "over as it is");
}

}  // namespace

absl::Status CheckOriginal(const QueueMemory& memory, const platform::FileIdentity& identity,
                           const std::string& path) {
  const Identity& made = memory.header().identity;
  const uint64_t device = DeviceOf(memory).load(std::memory_order_seq_cst);
  if (identity.inode != made.inode) {
    return absl::DataLossError(absl::StrCat("'", path, "' is a copy of a queue file (device ",
                                            identity.device, ", inode ", identity.inode,
                                            "; made as ", device, ", ", made.inode,
                                            "): its participants' leases would not be seen"));
  }
  if (identity.device == device) return absl::OkStatus();
  return Moved(
      memory, identity, path,
      ". If all its participants have left, the next endpoint that opens it takes it over");
}

absl::Status CheckStillOriginal(const QueueMemory& memory, const platform::FileIdentity& identity,
                                const std::string& path) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  return CheckOriginal(memory, identity, path);
}

absl::Status TakeOverIfUnused(const QueueMemory& memory, const platform::FileIdentity& identity,
                              const std::string& path) {
  absl::Status original = CheckOriginal(memory, identity, path);
  if (!absl::IsFailedPrecondition(original)) return original;
  std::atomic<uint64_t>& device = DeviceOf(memory);
  uint64_t seen = device.load(std::memory_order_seq_cst);
  if (std::string who = WhoHasNotLeft(memory); !who.empty()) {
    return Moved(memory, identity, path, who);
  }
  // No device has this number. A participant that dies in here leaves a file that nobody joins
  // before another has taken it over, and that waits until all have left.
  uint64_t taking = ~identity.device;
  const uint64_t before = seen;
  if (!device.compare_exchange_strong(seen, taking, std::memory_order_seq_cst)) {
    return CheckOriginal(memory, identity, path);
  }
  const std::string who = WhoHasNotLeft(memory);
  device.compare_exchange_strong(taking, who.empty() ? identity.device : before,
                                 std::memory_order_seq_cst);
  return who.empty() ? CheckOriginal(memory, identity, path) : Moved(memory, identity, path, who);
}

absl::Status TakeOver(const platform::File& file) {
  ABSL_ASSIGN_OR_RETURN(const int64_t size, file.Size());
  platform::MappedFile mapping;
  if (size >= static_cast<int64_t>(kHeaderSize)) {
    ABSL_ASSIGN_OR_RETURN(mapping, platform::MappedFile::Map(file, static_cast<size_t>(size),
                                                             /*read_only=*/false));
  }
  ABSL_ASSIGN_OR_RETURN(
      const QueueMemory memory,
      QueueMemory::Check(mapping.data(), static_cast<uint64_t>(size), file.path()));
  ABSL_ASSIGN_OR_RETURN(const platform::FileIdentity identity, file.Identity());
  absl::Status original = CheckOriginal(memory, identity, file.path());
  if (!absl::IsFailedPrecondition(original)) return original;
  ABSL_ASSIGN_OR_RETURN(const platform::LeaseFile leases, platform::LeaseFile::Open(file));
  ABSL_ASSIGN_OR_RETURN(const bool used,
                        leases.IsHeldExclusively(kAliveLease + 1, memory.max_participants()));
  if (used) return Moved(memory, identity, file.path(), "; a participant runs");
  DeviceOf(memory).store(identity.device, std::memory_order_seq_cst);
  return absl::OkStatus();
}

}  // namespace interprocess::native
