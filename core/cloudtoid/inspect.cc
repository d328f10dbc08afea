// SPDX-License-Identifier: MIT

// The parts that are alike on all systems. The rest is in inspect_posix.cc and inspect_windows.cc.

#include "core/cloudtoid/inspect.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "core/platform/clock.h"

namespace interprocess::cloudtoid {
namespace {

int64_t NowTicks() { return platform::CoarseWallNanos() / 100 + kUnixEpochTicks; }

void Add(std::vector<Finding>* findings, Finding::Severity severity, std::string what) {
  findings->push_back({severity, std::move(what)});
}

// The last part of a finding that goes away by itself.
constexpr char kResolves[] = "; the next reader resolves it";

}  // namespace

absl::StatusOr<Inspection::Span> Inspection::Used() const {
  auto damaged = [&](absl::string_view what, int64_t read, int64_t write) {
    return absl::DataLossError(absl::StrCat("the read offset ", read, " and the write offset ",
                                            write, " ", what, " ", capacity_));
  };
  // acquire: this sees what was published before. It loads the read offset first, so the write
  // offset is not older.
  if (IsV3()) {
    const int64_t read = v3().read_offset.load(std::memory_order_acquire);
    const int64_t write = v3().write_offset.load(std::memory_order_acquire);
    if (read < 0 || write < read || (read | write) % 8 != 0 || write - read > 2 * capacity_) {
      return damaged("are not those of a queue of capacity", read, write);
    }
    return Span{read % capacity_, std::min(write - read, capacity_)};
  }
  const int64_t read = v2().read_offset.load(std::memory_order_acquire);
  const int64_t write = v2().write_offset.load(std::memory_order_acquire);
  for (int64_t offset : {read, write}) {
    if (offset < 0 || offset >= 2 * capacity_ || offset % 8 != 0) {
      return damaged("are not those of a queue of capacity", read, write);
    }
  }
  const int64_t used = write >= read ? write - read : write - read + 2 * capacity_;
  const int64_t held = std::min(used, capacity_);
  return Span{read % capacity_, held, used - held};
}

std::vector<Inspection::Record> Inspection::Records(const Span& used) const {
  std::vector<Record> records;
  const RecordRing ring = this->ring();
  for (int64_t at = 0; at < used.size;) {
    const int64_t offset = ring.Add(used.offset, at);
    // acquire: pairs with the commit.
    const uint64_t word = ring.header(offset).load(std::memory_order_acquire);
    const bool known = word != 0 && LengthFits(LengthOf(word), used.size - at);
    records.push_back({offset, StateOf(word), known ? LengthOf(word) : -1});
    if (!known) break;
    at += RecordSize(LengthOf(word));
  }
  return records;
}

QueueReport Inspection::Report() const {
  QueueReport report;
  report.protocol = protocol_;
  report.name = name_;
  report.path = location_.path;
  report.capacity = capacity_;
  report.file_size = size_;
  report.format_version = IsV3() ? 3 : 2;
  report.max_participants = IsV3() ? kPublisherSlotsV3 : 0;
  report.participants_known = IsV3();
  // relaxed, here and below: nothing is read by way of these numbers.
  report.tail = static_cast<uint64_t>(IsV3() ? v3().write_offset.load(std::memory_order_relaxed)
                                             : v2().write_offset.load(std::memory_order_relaxed));
  if (const absl::StatusOr<Span> used = Used(); used.ok()) {
    for (const Record& record : Records(*used)) {
      if (record.state == kRecordReady && record.length >= 0) {
        ++report.ready;
        report.ready_bytes += static_cast<uint64_t>(record.length);
      }
      if (record.state == kRecordClaimed) ++report.claimed;
      if (record.state == kRecordFree) ++report.reserved;
    }
  }
  if (!IsV3()) return report;
  for (const auto& [id, alive] : LeasesOf(location_)) {
    ParticipantReport& entry = report.participants.emplace_back();
    entry.id = static_cast<int>(id);
    entry.alive = alive;
    entry.role = "subscriber";
    entry.holds = v3().reader.load(std::memory_order_relaxed) == id ? 1 : 0;
    for (const PublisherSlotV3& slot : v3().publishers) {
      if (slot.participant.load(std::memory_order_relaxed) != id) continue;
      entry.role = "publisher";
      entry.holds += slot.active.load(std::memory_order_relaxed) != 0 ? 1 : 0;
    }
  }
  return report;
}

void Inspection::CheckReaders(std::vector<Finding>* findings) const {
  if (!IsV3()) {
    const int64_t lock = v2().read_lock.load(std::memory_order_relaxed);
    const int64_t now = NowTicks();
    if (lock != 0 && (lock < 0 || now - lock > kLockTicks)) {
      Add(findings, Finding::Severity::kNote,
          absl::StrCat("a reader took the lock more than ten seconds ago, and died or was stopped",
                       kResolves));
    } else if (lock > now + kTicksPerSecond) {
      Add(findings, Finding::Severity::kNote,
          "the read lock was taken in the future: the clock was set back, and other libraries' "
          "readers wait until it is ten seconds past that time");
    }
    return;
  }
  const int64_t reader = v3().reader.load(std::memory_order_relaxed);
  const auto leases = LeasesOf(location_);
  auto is_alive = [&](int64_t id) {
    return std::any_of(leases.begin(), leases.end(),
                       [&](const auto& lease) { return lease.first == id && lease.second; });
  };
  if (reader != 0 && !is_alive(reader)) {
    Add(findings, Finding::Severity::kNote,
        absl::StrCat("participant ", reader, " died while it read", kResolves));
  }
  if (v3().gate.load(std::memory_order_relaxed) != kGateOpen && !is_alive(reader)) {
    Add(findings, Finding::Severity::kNote,
        absl::StrCat("the gate is closed and nobody recovers", kResolves));
  }
  for (const PublisherSlotV3& slot : v3().publishers) {
    const int64_t id = slot.participant.load(std::memory_order_relaxed);
    if (slot.active.load(std::memory_order_relaxed) != 0 && !is_alive(id)) {
      Add(findings, Finding::Severity::kNote,
          absl::StrCat("participant ", id, " died while it enqueued"));
    }
  }
}

std::vector<Finding> Inspection::CheckOnce() const {
  std::vector<Finding> findings;
  CheckReaders(&findings);
  const absl::StatusOr<Span> used = Used();
  if (!used.ok()) {
    Add(&findings, Finding::Severity::kDamaged, std::string(used.status().message()));
    return findings;
  }
  if (used->overrun != 0) {
    Add(&findings, Finding::Severity::kNote,
        absl::StrCat("a publisher of another library has enqueued ", used->overrun,
                     " bytes more than there was room for, over the oldest messages", kResolves));
  }
  int64_t end = 0;
  for (const Record& record : Records(*used)) {
    const std::string where = absl::StrCat("the record at ring offset ", record.offset);
    if (record.state < kRecordFree || record.state > kRecordReady) {
      Add(&findings, Finding::Severity::kDamaged,
          absl::StrCat(where, " has the state ", record.state));
    } else if (record.length < 0 && record.state != kRecordFree) {
      Add(&findings, Finding::Severity::kDamaged,
          absl::StrCat(where, " is longer than what was enqueued"));
    }
    if (record.length < 0) return findings;
    end += RecordSize(record.length);
  }
  for (int64_t at = end; at < capacity_; at += 8) {
    const int64_t offset = ring().Add(used->offset, at);
    if (ring().header(offset).load(std::memory_order_relaxed) == 0) continue;
    Add(&findings, Finding::Severity::kNote,
        absl::StrCat("free space is not zero from ring offset ", offset,
                     " on, as some libraries' readers leave it"));
    break;
  }
  return findings;
}

absl::StatusOr<int> Inspection::Repair() const {
  return absl::UnimplementedError(
      "in the Cloudtoid formats what the dead left is put right by whoever reads next");
}

std::vector<std::string> Inspection::Peek(size_t max) const {
  std::vector<std::string> messages;
  const absl::StatusOr<Span> used = Used();
  if (!used.ok()) return messages;
  for (const Record& record : Records(*used)) {
    if (messages.size() == max || record.length < 0) break;
    if (record.state != kRecordReady) continue;
    std::string text(static_cast<size_t>(record.length), '\0');
    ring().CopyOut(record.offset, reinterpret_cast<uint8_t*>(text.data()), text.size());
    // acquire fence: the copy comes before the load that tells if the message was taken meanwhile.
    std::atomic_thread_fence(std::memory_order_acquire);
    const uint64_t word = ring().header(record.offset).load(std::memory_order_relaxed);
    if (word == RecordWord(kRecordReady, record.length)) messages.push_back(std::move(text));
  }
  return messages;
}

}  // namespace interprocess::cloudtoid
