// SPDX-License-Identifier: MIT

// An arbitrary image, opened and used by every call: whatever the bytes are, and however something
// else changes them meanwhile, each call comes to an end, touches nothing outside the mapping, and
// fails with no other codes than those it documents.
//
// The input is a program: which image to start from, changes of it, and calls.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/native/layout.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/fuzz/endpoint_calls.h"
#include "tests/fuzz/image_change.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/queue_image.h"

namespace interprocess::fuzz {
namespace {

class Run {
 public:
  Run(QueueImage& image, Racer& racer, Input input)
      : image_(image),
        racer_(racer),
        input_(input),
        how_(input_.Byte()),
        calls_(input_, Queue(), static_cast<size_t>(image.options().capacity)) {}

  void Do() {
    image_.Restore(how_ & 7);
    if ((how_ & 0x10) != 0) HoldLeases();
    if ((how_ & 0xe0) == 0xe0) {
      std::vector<Change> changes;
      for (uint64_t i = 1 + input_.Below(8); i > 0; --i) changes.push_back(image_.Choose(input_));
      racer_.Start(image_.data(), std::move(changes));
    }
    // A long input says nothing more than some short ones.
    for (int step = 0; step < 200 && !input_.empty(); ++step) Step();
    racer_.Stop();
  }

 private:
  // Participants that live, beside those of the image, which are dead.
  void HoldLeases() {
    auto directory = platform::Directory::OpenForReading(image_.directory());
    auto file = directory->OpenFile("queue.ipq", /*read_only=*/false);
    FUZZ_CHECK(file.ok(), file.status().ToString().c_str());
    leases_ = *platform::LeaseFile::Open(*file);
    for (uint32_t id : {3u, 15u, 16u}) {
      FUZZ_CHECK(*leases_.TryLock(native::kAliveLease + id, platform::LeaseMode::kExclusive), "");
    }
  }

  void Step() {
    const uint8_t step = input_.Byte() % 32;
    if (step >= EndpointCalls::kFirst && step <= EndpointCalls::kLast) return calls_.Step(step);
    switch (step) {
      case 29:
        return calls_.Inspect();
      case 30:
        return calls_.Manage();
      case 31:
        return OpenUnsound();
      default:
        return Apply(image_.data(), image_.Choose(input_));
    }
  }

  QueueOptions Queue() const { return image_.options(); }

  // Headers that do not fit, and files of another size: only while no process has it mapped, since
  // the system ends a process that reads behind a file's end.
  void OpenUnsound() {
    const uint8_t byte = input_.Byte();
    if ((byte & 1) != 0) {
      const uint64_t offset = input_.Below(native::kChecksummedBytes);
      Apply(image_.data(), {offset, 1, input_.Byte()});
      if ((byte & 2) != 0) image_.Seal();
      return;
    }
    if (calls_.AnyOpen()) return;
    racer_.Stop();
    const uint64_t size = input_.Odd() % (4 * image_.size());
    image_.Resize(size);
    const bool sound = Publisher::Open(calls_.Options()).ok() ||
                       Subscriber::Open(calls_.Options()).ok() ||
                       QueueInspector::Open("queue", image_.directory()).ok();
    Expect(ListQueues(image_.directory()).status(), {});
    (void)sound;
    image_.Restore(byte >> 2);
  }

  QueueImage& image_;
  Racer& racer_;
  Input input_;
  const uint8_t how_;
  platform::LeaseFile leases_;
  EndpointCalls calls_;
};

}  // namespace
}  // namespace interprocess::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static interprocess::fuzz::QueueImage image;
  static interprocess::fuzz::Racer racer;
  interprocess::fuzz::Run(image, racer, interprocess::fuzz::Input(data, size)).Do();
  return 0;
}
