// SPDX-License-Identifier: MIT

// Arbitrary images of the Cloudtoid formats, used by the protocols' steps on plain memory and, as
// files, by every call: whatever the bytes are, and however something else changes them meanwhile,
// each call comes to an end, touches nothing outside, and fails with no other codes than those it
// documents.
//
// The input is a program: which of the real libraries' images to start from, changes of it, calls.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "absl/types/span.h"
#include "core/cloudtoid/outcome.h"
#include "core/cloudtoid/queue_v2.h"
#include "core/cloudtoid/queue_v3.h"
#include "core/cloudtoid/record.h"
#include "tests/cloudtoid/testing/plain_queue.h"
#include "tests/fuzz/cloudtoid_files.h"
#include "tests/fuzz/cloudtoid_image.h"
#include "tests/fuzz/image_change.h"
#include "tests/fuzz/input.h"

namespace interprocess::fuzz {
namespace {

using cloudtoid::Claimed;
using cloudtoid::Outcome;
using cloudtoid::QueueV2;
using cloudtoid::QueueV3;
using cloudtoid::testing::kSecond;
using cloudtoid::testing::World;

// Exactly the bytes of each image, so that AddressSanitizer sees an access beyond them.
class PlainMemory {
 public:
  explicit PlainMemory(const std::vector<CloudtoidImage>& images) {
    for (const CloudtoidImage& image : images) {
      memories_.push_back(std::make_unique<uint8_t[]>(image.bytes.size()));
      std::memcpy(memories_.back().get(), image.bytes.data(), image.bytes.size());
    }
  }
  // Of most publishers' slots in version 3 nothing is ever changed.
  uint8_t* Restore(const CloudtoidImage& image, size_t which) const {
    uint8_t* memory = memories_[which].get();
    const auto ring = static_cast<size_t>(image.ring_offset);
    std::memcpy(memory, image.bytes.data(), ChangedHeader(image));
    std::memcpy(memory + ring, image.bytes.data() + ring, image.bytes.size() - ring);
    return memory;
  }

 private:
  std::vector<std::unique_ptr<uint8_t[]>> memories_;
};

QueueV2 Make(const QueueV2*, uint8_t* memory, int64_t capacity, World& world, int) {
  return QueueV2(memory, capacity, world);
}
// Two that publish, two that do not.
QueueV3 Make(const QueueV3*, uint8_t* memory, int64_t capacity, World& world, int which) {
  return QueueV3(memory, capacity, world, 100 + which, which < 2 ? which : -1);
}

template <typename Queue>
class PlainRun {
 public:
  PlainRun(uint8_t* memory, const CloudtoidImage& image, Racer& racer, Input input)
      : memory_(memory), image_(image), racer_(racer), input_(input) {
    for (int which = 0; which < 4; ++which) {
      queues_[which].emplace(
          Make(static_cast<const Queue*>(nullptr), memory, image.capacity, world_, which));
    }
  }

  void Do() {
    world_.dead = {1, 2, 3};
    if (input_.Byte() >= 0xe0) racer_.Start(memory_, ChooseChanges(image_, input_));
    for (int step = 0; step < 200 && !input_.empty(); ++step) Step();
    racer_.Stop();
  }

 private:
  void Step() {
    const uint8_t byte = input_.Byte();
    const int which = byte >> 6;
    Queue& queue = *queues_[which];
    std::optional<Claimed>& held = held_[which];
    // Subscribers do not put, in version 3.
    const bool may_put = std::is_same_v<Queue, QueueV2> || which < 2;
    switch (byte % 16) {
      case 0:
      case 1:
        if (may_put) Expect(queue, queue.Enqueue(Message()));
        return;
      case 2: {
        const absl::Span<const uint8_t> batch[] = {Message(), {}, Message()};
        size_t done = 0;
        if (may_put) Expect(queue, queue.EnqueueBatch(batch, &done));
        FUZZ_CHECK(done <= 3, "");
        return;
      }
      case 3:
        queue.HasRoom(Message().size());
        return;
      case 4:
      case 5:
      case 6:
      case 7:
        if (!held.has_value()) return Take(queue, held);
        Read(queue, *held);
        if (byte % 2 == 0) {
          queue.Finish(*held);
        } else {
          queue.PutBack(*held);
        }
        return held.reset();
      case 8:
        queue.OnPermit();
        queue.Relay();
        return;
      case 9:
        world_.nanos += input_.Bool() ? kSecond / 20 : 11 * kSecond;
        return;
      case 10:
        world_.dead.insert(static_cast<int64_t>(input_.Below(104)));
        return;
      default:
        return Apply(memory_, ChooseChange(image_, input_));
    }
  }

  void Expect(const Queue& queue, Outcome outcome) {
    FUZZ_CHECK(outcome == Outcome::kDone || outcome == Outcome::kFull ||
                   outcome == Outcome::kDamaged || outcome == Outcome::kExhausted,
               "");
    FUZZ_CHECK(outcome != Outcome::kDamaged || *queue.damage() != '\0', "");
  }

  void Take(Queue& queue, std::optional<Claimed>& held) {
    Claimed claimed;
    const size_t most = input_.Bool() ? SIZE_MAX : input_.Byte();
    const Outcome outcome = queue.Claim(most, &claimed);
    FUZZ_CHECK(outcome != Outcome::kFull && outcome != Outcome::kExhausted, "");
    if (outcome == Outcome::kTooLarge) {
      FUZZ_CHECK(static_cast<size_t>(claimed.size) > most && claimed.size <= image_.capacity, "");
    }
    if (outcome != Outcome::kDone) return;
    FUZZ_CHECK(static_cast<size_t>(claimed.size) <= most, "");
    held = claimed;
    Read(queue, claimed);
  }

  void Read(const Queue& queue, const Claimed& claimed) {
    FUZZ_CHECK(claimed.size >= 0 && claimed.size + cloudtoid::kRecordHeader <= image_.capacity, "");
    FUZZ_CHECK(claimed.offset >= 0 && claimed.offset < image_.capacity, "");
    const auto size = static_cast<size_t>(claimed.size);
    std::vector<uint8_t> copy(size);
    queue.ring().CopyOut(claimed.offset, copy.data(), size);
    queue.ring().Contiguous(claimed.offset, size);
    queue.StillOurs(claimed);
    queue.IsLast(claimed);
  }

  absl::Span<const uint8_t> Message() {
    const auto largest = static_cast<size_t>(image_.capacity - cloudtoid::kRecordHeader);
    const uint8_t byte = input_.Byte();
    const size_t size = byte < 128 ? byte % 64 : largest - byte % 16;
    return absl::MakeConstSpan(message_).first(std::min(size, largest));
  }

  uint8_t* const memory_;
  const CloudtoidImage& image_;
  Racer& racer_;
  Input input_;
  World world_;
  const std::vector<uint8_t> message_ = std::vector<uint8_t>(8192, 'b');
  std::optional<Queue> queues_[4];
  std::optional<Claimed> held_[4];
};

}  // namespace
}  // namespace interprocess::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace interprocess::fuzz;
  static const std::vector<CloudtoidImage> images = ReadCloudtoidImages();
  static const PlainMemory memory(images);
  static CloudtoidFiles files;
  static Racer racer;
  Input input(data, size);
  const uint8_t how = input.Byte();
  const size_t which = input.Byte() % images.size();
  const CloudtoidImage& image = images[which];
  // System calls take most of the time, so every eighth is on files.
  if (how % 8 == 0) {
    files.Run(image, racer, input);
  } else if (image.version == 2) {
    PlainRun<interprocess::cloudtoid::QueueV2>(memory.Restore(image, which), image, racer, input)
        .Do();
  } else {
    PlainRun<interprocess::cloudtoid::QueueV3>(memory.Restore(image, which), image, racer, input)
        .Do();
  }
  return 0;
}
