// SPDX-License-Identifier: MIT

#include "tests/stress/traffic.h"

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace interprocess::stress {
namespace {

constexpr uint64_t kMaxLost = 100000;  // a queue that loses all is known by fewer

uint32_t CheckOf(uint64_t id, uint32_t length) {
  return static_cast<uint32_t>(Random(id ^ (uint64_t{length} << 24)).Next());
}

uint64_t BodySeed(uint64_t id, uint32_t length) { return id * 31 + length; }

}  // namespace

MessageId MessageId::Unpack(uint64_t word) {
  return {static_cast<uint32_t>(word >> 44), (word & ((uint64_t{1} << 44) - 1)) >> 1,
          (word & 1) != 0};
}

void WriteMessage(absl::Span<uint8_t> bytes, const MessageId& id) {
  const uint64_t word = id.Pack();
  const uint32_t length = static_cast<uint32_t>(bytes.size());
  const uint32_t check = CheckOf(word, length);
  std::memcpy(bytes.data(), &word, 8);
  std::memcpy(bytes.data() + 8, &length, 4);
  std::memcpy(bytes.data() + 12, &check, 4);
  Random body(BodySeed(word, length));
  for (size_t at = kIdBytes; at < bytes.size(); at += 8) {
    const uint64_t expected = body.Next();
    std::memcpy(bytes.data() + at, &expected, std::min<size_t>(8, bytes.size() - at));
  }
}

bool ReadId(absl::Span<const uint8_t> bytes, MessageId* id) {
  if (bytes.size() < kIdBytes) return false;
  uint64_t word;
  uint32_t length, check;
  std::memcpy(&word, bytes.data(), 8);
  std::memcpy(&length, bytes.data() + 8, 4);
  std::memcpy(&check, bytes.data() + 12, 4);
  *id = MessageId::Unpack(word);
  return check == CheckOf(word, length) && length >= kIdBytes;
}

std::string ReadMessage(absl::Span<const uint8_t> bytes, MessageId* id) {
  if (!ReadId(bytes, id)) {
    return absl::StrCat("torn: a message of ", bytes.size(), " bytes has no sound id");
  }
  uint32_t length;
  std::memcpy(&length, bytes.data() + 8, 4);
  if (length != bytes.size()) {
    return absl::StrCat("torn: message ", id->sequence, " of publisher ", id->publisher, " has ",
                        bytes.size(), " bytes, and was sent with ", length);
  }
  Random body(BodySeed(id->Pack(), length));
  for (size_t at = kIdBytes; at < bytes.size(); at += 8) {
    const uint64_t expected = body.Next();
    if (std::memcmp(bytes.data() + at, &expected, std::min<size_t>(8, bytes.size() - at)) != 0) {
      return absl::StrCat("torn: message ", id->sequence, " of publisher ", id->publisher, ", of ",
                          length, " bytes, differs from what was sent at byte ", at);
    }
  }
  return "";
}

Ledger::Ledger(uint32_t publishers, uint64_t messages)
    : publishers_(publishers), messages_(messages), states_(publishers * messages) {}

std::atomic<uint8_t>& Ledger::At(uint32_t publisher, uint64_t sequence) const {
  if (publisher >= publishers_ || sequence >= messages_) {
    fprintf(stderr, "message %llu of publisher %u is not in the ledger\n",
            static_cast<unsigned long long>(sequence), publisher);
    abort();
  }
  return states_[publisher * messages_ + sequence];
}

void Ledger::MarkAttempted(uint32_t publisher, uint64_t sequence) {
  At(publisher, sequence).fetch_or(kAttempted, std::memory_order_relaxed);
}

void Ledger::MarkEnqueued(uint32_t publisher, uint64_t sequence) {
  At(publisher, sequence).fetch_or(kEnqueued, std::memory_order_relaxed);
}

std::string Ledger::MarkDelivered(const MessageId& id, bool redelivered, bool* first) {
  *first = false;
  const auto what = [&] {
    return absl::StrCat("message ", id.sequence, " of publisher ", id.publisher);
  };
  if (id.publisher >= publishers_ || id.sequence >= messages_) {
    return absl::StrCat("unknown: ", what(), " does not exist");
  }
  const uint8_t before =
      At(id.publisher, id.sequence)
          .fetch_or(kDelivered | (redelivered ? kRedelivered : 0), std::memory_order_relaxed);
  *first = (before & kDelivered) == 0;
  if ((before & kAttempted) == 0) return absl::StrCat("unknown: ", what(), " was never sent");
  if (!*first && !redelivered) {
    return absl::StrCat("twice: ", what(), " came again, and not marked redelivered");
  }
  return "";
}

bool Ledger::WasDelivered(const MessageId& id) const {
  return (At(id.publisher, id.sequence).load(std::memory_order_relaxed) & kDelivered) != 0;
}

bool Ledger::WasRedelivered(const MessageId& id) const {
  return (At(id.publisher, id.sequence).load(std::memory_order_relaxed) & kRedelivered) != 0;
}

Ledger::Account Ledger::Audit(uint32_t first, uint32_t end) const {
  Account account;
  for (uint32_t publisher = first; publisher < end; ++publisher) {
    for (uint64_t sequence = 0; sequence < messages_; ++sequence) {
      const uint8_t state = At(publisher, sequence).load(std::memory_order_relaxed);
      // Sequences are used without a gap.
      if (state == 0) break;
      account.attempted += (state & kAttempted) != 0;
      account.enqueued += (state & kEnqueued) != 0;
      account.delivered += (state & kDelivered) != 0;
      if ((state & kEnqueued) != 0 && (state & kDelivered) == 0 && account.lost.size() < kMaxLost) {
        account.lost.push_back({publisher, sequence, false});
      }
    }
  }
  return account;
}

}  // namespace interprocess::stress
