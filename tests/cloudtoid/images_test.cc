// SPDX-License-Identifier: MIT

// Images of the real libraries on plain memory: the same operations of ours give the same bytes,
// theirs drain in ours, and what is damaged in them is an error and nothing worse.

#include "tests/cloudtoid/testing/images.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/cloudtoid/testing/plain_queue.h"

namespace interprocess::cloudtoid {
namespace {

using testing::AsBytes;
using testing::CrashImages;
using testing::GeneratedMessage;
using testing::Image;
using testing::kSecond;
using testing::Memory;
using testing::Operation;
using testing::ScriptedImages;
using testing::Take;
using testing::Took;
using testing::World;

// What tells the versions apart for these tests.
struct Version2 {
  using Queue = QueueV2;
  static constexpr int kNumber = 2;
  static int64_t FileSize(int64_t capacity) { return FileSizeV2(capacity); }
  static Queue Publisher(const Memory& memory, int64_t capacity, World& world) {
    return Queue(memory.data(), capacity, world);
  }
  static Queue Subscriber(const Memory& memory, int64_t capacity, World& world) {
    return Queue(memory.data(), capacity, world);
  }
  static void Attach(const Memory& /*memory*/, int /*participants*/) {}
  // The offsets in the file at which a changed byte means something.
  static std::vector<int64_t> TellingBytes(int64_t file_size) {
    std::vector<int64_t> offsets;
    for (int64_t i = 0; i < file_size; ++i) offsets.push_back(i);
    return offsets;
  }
};

struct Version3 {
  using Queue = QueueV3;
  static constexpr int kNumber = 3;
  static int64_t FileSize(int64_t capacity) { return FileSizeV3(capacity); }
  static Queue Publisher(const Memory& memory, int64_t capacity, World& world) {
    return Queue(memory.data(), capacity, world, 1, 0);
  }
  static Queue Subscriber(const Memory& memory, int64_t capacity, World& world) {
    return Queue(memory.data(), capacity, world, 100, -1);
  }
  static void Attach(const Memory& memory, int participants) {
    memory.v3().last_participant = participants;
    memory.v3().publishers[0].participant = 1;
  }
  static std::vector<int64_t> TellingBytes(int64_t file_size) {
    std::vector<int64_t> offsets;
    for (int64_t i = 0; i < file_size; ++i) {
      if (i < 132 || (i >= 256 && i < 270) || (i >= 384 && i < 398) || i >= kRingOffsetV3) {
        offsets.push_back(i);
      }
    }
    return offsets;
  }
};

// All messages that come out, as long as time goes on; "<damaged>" last if that is what ends it.
template <typename Version>
std::vector<std::string> Drain(const Memory& memory, int64_t capacity, World& world) {
  typename Version::Queue queue = Version::Subscriber(memory, capacity, world);
  std::vector<std::string> messages;
  // More than can be in a ring, should what is there make no sense.
  const size_t most = static_cast<size_t>(capacity / 8) + 8;
  for (int waits = 0; waits < 30 && messages.size() < most;) {
    const std::string message = Took(queue);
    if (message == "<none>") break;
    if (message == "<held up>") {
      // Short steps, as a subscriber polls, and a long one.
      world.nanos += waits++ % 2 == 0 ? kSecond / 20 : 11 * kSecond;
      continue;
    }
    messages.push_back(message);
    if (message == "<damaged>") break;
  }
  return messages;
}

template <typename Version>
class ImagesTest : public ::testing::Test {};
using Versions = ::testing::Types<Version2, Version3>;
TYPED_TEST_SUITE(ImagesTest, Versions);

TYPED_TEST(ImagesTest, TheSameOperationsGiveTheSameBytes) {
  for (const Image& image : ScriptedImages(TypeParam::kNumber)) {
    SCOPED_TRACE(image.file);
    Memory memory(TypeParam::FileSize(image.capacity));
    World world;
    auto publisher = TypeParam::Publisher(memory, image.capacity, world);
    auto subscriber = TypeParam::Subscriber(memory, image.capacity, world);
    int participants = 1;
    uint64_t index = 0;
    for (const Operation& operation : image.operations) {
      if (operation.kind == Operation::kEnqueue) {
        const std::string message = GeneratedMessage(index++, operation.size);
        // What can never fit is refused above the protocol.
        const bool fits = RecordSize(static_cast<int64_t>(operation.size)) <= image.capacity;
        const bool in = fits && publisher.Enqueue(AsBytes(message)) == Outcome::kDone;
        EXPECT_EQ(in ? "ok" : "full", operation.result);
      } else {
        participants = 2;
        if (operation.kind == Operation::kAttachSubscriber) continue;
        EXPECT_EQ(absl::StrCat(Took(subscriber).size()), operation.result);
      }
    }
    TypeParam::Attach(memory, participants);
    EXPECT_EQ(memory.Image() == image.bytes, true) << "the bytes differ";
    EXPECT_EQ(world.permits, image.semaphore);
  }
}

TYPED_TEST(ImagesTest, TheirsDrainInOurs) {
  for (const Image& image : ScriptedImages(TypeParam::kNumber)) {
    SCOPED_TRACE(image.file);
    Memory memory(image.bytes);
    World world;
    EXPECT_EQ(Drain<TypeParam>(memory, image.capacity, world), image.remaining);
    // And go on in ours.
    auto publisher = TypeParam::Publisher(memory, image.capacity, world);
    ASSERT_EQ(publisher.Enqueue(AsBytes("more")), Outcome::kDone);
    EXPECT_EQ(Drain<TypeParam>(memory, image.capacity, world), std::vector<std::string>{"more"});
  }
}

// Message `index` as the killed processes wrote it.
std::string CrashMessage(uint64_t index) {
  std::string text(1500, '\0');
  std::memcpy(text.data(), &index, 8);
  return text;
}

TEST(CrashImagesTest, V2PublisherThatDiedIsSkipped) {
  const Image image = CrashImages(2)[0];
  Memory memory(image.bytes);
  World world;
  world.nanos += 100 * kSecond;  // the lock in it is old
  EXPECT_TRUE(Drain<Version2>(memory, image.capacity, world).empty());
  EXPECT_EQ(memory.v2().read_offset, 4440);
  EXPECT_EQ(memory.Image().substr(32), std::string(4096, '\0'));
}

TEST(CrashImagesTest, V2SubscriberThatDiedHeldAMessageThatComesAgain) {
  const Image image = CrashImages(2)[1];
  Memory memory(image.bytes);
  World world;
  world.nanos = (memory.v2().read_lock - World::kStart) * 100;
  QueueV2 queue(memory.data(), image.capacity, world);
  EXPECT_EQ(Took(queue), "<held up>");
  world.nanos += 10 * kSecond + 100;
  std::string text;
  bool redelivered = false;
  ASSERT_EQ(Take(queue, &text, &redelivered), Outcome::kDone);
  EXPECT_EQ(text, CrashMessage(0x8215));
  EXPECT_TRUE(redelivered);
  ASSERT_EQ(Take(queue, &text, &redelivered), Outcome::kDone);
  EXPECT_EQ(text, CrashMessage(0x8216));
  EXPECT_FALSE(redelivered);
  EXPECT_EQ(Took(queue), "<none>");
}

TEST(CrashImagesTest, V3PublisherThatDiedIsSkipped) {
  const Image image = CrashImages(3)[0];
  Memory memory(image.bytes);
  World world;
  world.dead = {1, 2, 3};
  EXPECT_TRUE(Drain<Version3>(memory, image.capacity, world).empty());
  EXPECT_EQ(memory.v3().read_offset, 117421920);
  EXPECT_EQ(memory.v3().gate, kGateOpen);
}

TEST(CrashImagesTest, V3SubscriberThatDiedHeldAMessageThatComesAgain) {
  const Image image = CrashImages(3)[1];
  Memory memory(image.bytes);
  World world;
  QueueV3 queue(memory.data(), image.capacity, world, 100, -1);
  EXPECT_EQ(Took(queue), "<held up>");
  world.nanos += kSecond;
  world.dead = {1, 2, 3};
  std::string text;
  bool redelivered = false;
  ASSERT_EQ(Take(queue, &text, &redelivered), Outcome::kDone);
  EXPECT_EQ(text, CrashMessage(0x124c8));
  EXPECT_TRUE(redelivered);
  EXPECT_EQ(Took(queue), CrashMessage(0x124c9));
  EXPECT_EQ(Took(queue), "<none>");
}

// Nothing of this may crash, run for ever, or reach beyond the memory (which a sanitizer sees): the
// number of messages is bounded, and so is each.
template <typename Version>
void Survive(const Memory& memory, int64_t capacity) {
  World world;
  world.dead = {1, 2, 3};
  auto publisher = Version::Publisher(memory, capacity, world);
  publisher.Enqueue(AsBytes("x"));
  for (const std::string& message : Drain<Version>(memory, capacity, world)) {
    ASSERT_LE(static_cast<int64_t>(message.size()), capacity);
  }
  publisher.Enqueue(AsBytes(std::string(static_cast<size_t>(capacity - 8), 'x')));
}

TYPED_TEST(ImagesTest, AnyByteMayBeAnything) {
  std::vector<Image> images = ScriptedImages(TypeParam::kNumber);
  for (const Image& image : images) {
    SCOPED_TRACE(image.file);
    for (int64_t at : TypeParam::TellingBytes(static_cast<int64_t>(image.bytes.size()))) {
      Memory memory(image.bytes);
      for (int flip : {0x01, 0x02, 0x08, 0x80, 0xff}) {
        std::memcpy(memory.data(), image.bytes.data(), image.bytes.size());
        memory.data()[at] ^= static_cast<uint8_t>(flip);
        Survive<TypeParam>(memory, image.capacity);
      }
    }
  }
}

TYPED_TEST(ImagesTest, KilledOnesMayBeDamagedToo) {
  for (const Image& image : CrashImages(TypeParam::kNumber)) {
    SCOPED_TRACE(image.file);
    const auto offsets = TypeParam::TellingBytes(static_cast<int64_t>(image.bytes.size()));
    Memory memory(image.bytes);
    for (size_t i = 0; i < offsets.size(); i += offsets[i] < 300 ? 1 : 37) {
      std::memcpy(memory.data(), image.bytes.data(), image.bytes.size());
      memory.data()[offsets[i]] ^= 0xff;
      Survive<TypeParam>(memory, image.capacity);
    }
  }
}

}  // namespace
}  // namespace interprocess::cloudtoid
