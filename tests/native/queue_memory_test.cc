// SPDX-License-Identifier: MIT

#include "core/native/queue_memory.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/native/testing/plain_queue.h"

namespace interprocess::native {
namespace {

using testing::PlainQueue;

// What Check says of a new queue's header after `change`; its checksum is made right again.
absl::Status CheckChanged(const std::function<void(Identity&)>& change, bool fix_checksum = true) {
  const PlainQueue queue;
  Identity identity;
  std::memcpy(&identity, queue.bytes(), sizeof(identity));
  change(identity);
  if (fix_checksum) {
    identity.checksum = QueueMemory::ChecksumOf(identity);
  }
  std::memcpy(queue.bytes(), &identity, sizeof(identity));
  return QueueMemory::Check(queue.bytes(), queue.size(), "some/queue.ipq").status();
}

#define EXPECT_UNSOUND(status, words)                                                \
  do {                                                                               \
    const absl::Status got = (status);                                               \
    EXPECT_EQ(got.code(), absl::StatusCode::kDataLoss) << got;                       \
    EXPECT_NE(got.message().find("some/queue.ipq"), absl::string_view::npos) << got; \
    EXPECT_NE(got.message().find(words), absl::string_view::npos) << got;            \
  } while (false)

TEST(QueueMemoryTest, UnchangedHeaderIsSound) {
  EXPECT_TRUE(CheckChanged([](Identity&) {}).ok());
}

TEST(QueueMemoryTest, EachFieldThatIsNotAsItShouldBeIsNamed) {
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.magic[7] = '2'; }), "IPQNATV1");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.byte_order = 0x04030201; }), "other byte order");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.byte_order = 0xabcd; }), "abcd");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.version = 5; }), "version is 5");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.version = 3; }), "of format 3, which was never");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.waiter = 2; }), "waiter is 2");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.scope = 7; }), "names 7");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.payload_bytes = 4095; }), "4095");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.payload_bytes = 0; }), "capacity is 0");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.payload_bytes = 2048; }), "2048");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.payload_bytes = uint64_t{1} << 37; }),
                 "137438953472");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.max_participants = 0; }), "0 entries");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.max_participants = 8192; }), "8192 entries");
  for (uint64_t Identity::*field :
       {&Identity::slots, &Identity::participants_offset, &Identity::reservations_offset,
        &Identity::claims_offset, &Identity::slots_offset, &Identity::payload_offset,
        &Identity::file_size}) {
    EXPECT_UNSOUND(CheckChanged([&](Identity& i) { i.*field += 64; }), "offsets");
  }
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.header_size = 8192; }), "offsets");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.flags = 4; }), "flags 4");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.kind = 1; }), "kind 1");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.spare[0] = 1; }), "spare");
  EXPECT_UNSOUND(CheckChanged([](Identity& i) { i.spare[51] = 1; }), "spare");
  // The offsets fit each other, but not the file.
  EXPECT_UNSOUND(CheckChanged([](Identity& i) {
                   i.payload_bytes = 8192;
                   i.slots = 128;
                   i.claims_offset = 8192 + 2048;
                   i.slots_offset = 8192 + 4096;
                   i.payload_offset = 8192 + 4096 + 8192;
                   i.file_size = 8192 + 4096 + 8192 + 8192;
                 }),
                 "28672");
}

TEST(QueueMemoryTest, EveryBitOfTheIdentityIsGuarded) {
  for (size_t bit = 0; bit < sizeof(uint32_t) * 8 + kChecksummedBytes * 8; ++bit) {
    if (bit / 64 == offsetof(Identity, device) / 8) continue;  // looked at beside the file
    EXPECT_EQ(CheckChanged(
                  [bit](Identity& i) { reinterpret_cast<uint8_t*>(&i)[bit / 8] ^= 1 << bit % 8; },
                  /*fix_checksum=*/false)
                  .code(),
              absl::StatusCode::kDataLoss)
        << bit;
  }
}

TEST(QueueMemoryTest, FileOfAnotherSizeIsUnsound) {
  const PlainQueue queue;
  for (uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{4095}}) {
    EXPECT_UNSOUND(QueueMemory::Check(nullptr, size, "some/queue.ipq").status(),
                   std::to_string(size) + " bytes");
  }
  for (uint64_t size : {uint64_t{4096}, queue.size() - 1}) {
    EXPECT_UNSOUND(QueueMemory::Check(queue.bytes(), size, "some/queue.ipq").status(),
                   std::to_string(size) + " bytes");
  }
}

TEST(QueueMemoryTest, PayloadIsHandedOutOnlyInsideTheRing) {
  const PlainQueue queue;
  const QueueMemory& memory = queue.memory();
  EXPECT_EQ(memory.payload(0, 4096), queue.bytes() + 14336);
  EXPECT_NE(memory.payload(4096, 0), nullptr);
  EXPECT_EQ(memory.payload(1, 4096), nullptr);
  EXPECT_EQ(memory.payload(4097, 0), nullptr);
  EXPECT_EQ(memory.payload(UINT64_MAX, 1), nullptr);
  EXPECT_EQ(memory.payload(1, UINT64_MAX), nullptr);
  EXPECT_EQ(memory.payload(UINT64_MAX, UINT64_MAX), nullptr);
}

TEST(QueueMemoryTest, IdsUsedAreNeverMoreThanTheTableHas) {
  const PlainQueue queue(4096, 8);
  queue.header().ids_used.store(UINT32_MAX);
  EXPECT_EQ(queue.memory().ids_used(), 8u);
}

TEST(QueueMemoryTest, AnyPositionIsASlotOfTheRing) {
  const PlainQueue queue;
  EXPECT_EQ(&queue.memory().slot(UINT64_MAX), &queue.memory().slot(63));
  EXPECT_EQ(&queue.memory().slot(64), &queue.memory().slot(0));
}

}  // namespace
}  // namespace interprocess::native
