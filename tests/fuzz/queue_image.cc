#include "tests/fuzz/queue_image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/crc/crc32c.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/native/layout.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"

namespace interprocess::fuzz {
namespace {

using native::Header;
using native::Ring;
using native::Slot;

std::string NewDirectory() {
  std::error_code none;
  const char* of_test = getenv("TEST_TMPDIR");
  std::string pattern =
      (of_test != nullptr ? of_test : std::filesystem::temp_directory_path(none).string()) +
      "/ipq-fuzz-XXXXXX";
  FUZZ_CHECK(mkdtemp(pattern.data()) != nullptr, pattern.c_str());
  return pattern;
}

std::string Text(size_t size) { return std::string(size, 'm'); }

}  // namespace

QueueImage::QueueImage() : directory_(NewDirectory()) {
  options_.name = "queue";
  options_.directory = directory_;
  options_.capacity = 4096;
  options_.max_participants = 16;
  path_ = directory_ + "/queue.ipq";
  kept_path_ = directory_ + "/kept";
  { FUZZ_CHECK(Publisher::Open(options_)->TryEnqueue("kept").ok(), ""); }
  FUZZ_CHECK(link(path_.c_str(), kept_path_.c_str()) == 0, "link");
  handle_ = open(path_.c_str(), O_RDWR | O_CLOEXEC);
  struct stat found;
  FUZZ_CHECK(handle_ >= 0 && fstat(handle_, &found) == 0, "open");
  inode_ = found.st_ino;
  size_ = static_cast<uint64_t>(found.st_size);
  data_ =
      static_cast<uint8_t*>(mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, handle_, 0));
  FUZZ_CHECK(data_ != MAP_FAILED, "mmap");
  memory_ = std::make_unique<native::QueueMemory>(*native::QueueMemory::Check(data_, size_, path_));
  // An empty queue that was never used. What is captured while endpoints are attached is an image
  // of participants that have died.
  std::memset(data_ + sizeof(native::Identity), 0, size_ - sizeof(native::Identity));
  Capture();

  AddImage([](Publisher&, Subscriber&) {});
  AddImage([&](Publisher& publisher, Subscriber&) {
    for (size_t size : {0, 1, 40, 41, 64, 65, 1000}) publisher.TryEnqueue(Text(size)).IgnoreError();
    Capture();
  });
  AddImage([&](Publisher& publisher, Subscriber& subscriber) {
    for (size_t i = 0; i < 200; ++i) {
      publisher.TryEnqueue(Text(i % 90)).IgnoreError();
      subscriber.TryDequeue().IgnoreError();
    }
    for (size_t size : {10, 100, 200, 20}) publisher.TryEnqueue(Text(size)).IgnoreError();
    auto small = publisher.TryReserve(30);
    auto large = publisher.TryReserve(300);
    for (size_t size : {5, 500}) publisher.TryEnqueue(Text(size)).IgnoreError();
    auto first = subscriber.TryBorrow();
    auto second = subscriber.TryBorrow();
    { auto given_back = subscriber.TryBorrow(); }
    FUZZ_CHECK(small.ok() && large.ok() && first.ok() && second.ok(), "");
    Capture();
  });
  AddImage([&](Publisher& publisher, Subscriber&) {
    while (publisher.TryEnqueue(Text(600)).ok()) {
    }
    Capture();
  });
  AddImage([&](Publisher& publisher, Subscriber& subscriber) {
    for (size_t i = 0; i < 70; ++i) {
      publisher.TryEnqueue(Text(3)).IgnoreError();
      if (i < 10) subscriber.TryDequeue().IgnoreError();
    }
    Capture();
  });
}

QueueImage::~QueueImage() {
  munmap(data_, size_);
  close(handle_);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void QueueImage::Capture() { images_.emplace_back(data_, data_ + size_); }

template <typename Make>
void QueueImage::AddImage(Make make) {
  Restore(0);
  auto publisher = Publisher::Open(options_);
  auto subscriber = Subscriber::Open(options_);
  FUZZ_CHECK(publisher.ok() && subscriber.ok(), publisher.status().ToString().c_str());
  make(*publisher, *subscriber);
}

void QueueImage::Restore(uint64_t which, bool clears) {
  struct stat found;
  if (lstat(path_.c_str(), &found) != 0 || found.st_ino != inode_) {
    // Removed with its last participant, and perhaps made anew.
    unlink(path_.c_str());
    FUZZ_CHECK(link(kept_path_.c_str(), path_.c_str()) == 0, "link");
  }
  if (fstat(handle_, &found) == 0 && static_cast<uint64_t>(found.st_size) != size_) {
    FUZZ_CHECK(ftruncate(handle_, static_cast<off_t>(size_)) == 0, "ftruncate");
  }
  const std::vector<uint8_t>& image = images_[which % images_.size()];
  std::memcpy(data_, image.data(), size_);
  if (!clears) return;
  memory_->header().identity.flags = native::kFlagClearOnRelease;
  Seal();
}

void QueueImage::Resize(uint64_t size) {
  FUZZ_CHECK(ftruncate(handle_, static_cast<off_t>(size)) == 0, "ftruncate");
}

// The word of some state at some lap near the hints'.
uint64_t QueueImage::SlotWord(Input& input) const {
  const Ring& ring = memory_->ring();
  const uint8_t byte = input.Byte();
  const uint64_t lap =
      ring.LapOf(memory_->header().tail.load(std::memory_order_relaxed)) + (byte >> 4) - 2;
  const auto owner = static_cast<uint32_t>(input.Below(20));
  switch (byte % 5) {
    case 0:
      return Ring::FreeWord(lap);
    case 1:
      return Ring::ReadyWord(lap);
    case 2:
      return Ring::ClaimedWord(owner, lap);
    case 3:
      return ring.ReservedWord(owner, input.Below(128), lap);
    default:
      return input.Odd();
  }
}

Change QueueImage::Choose(Input& input) const {
  const auto offset_of = [&](const void* field) {
    return static_cast<uint64_t>(static_cast<const uint8_t*>(field) - data_);
  };
  const Header& header = memory_->header();
  const uint8_t kind = input.Byte() % 16;
  const Slot& slot = memory_->slot(kind <= 8 ? input.Byte() : 0);
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
      return {offset_of(&slot.word), 8, SlotWord(input)};
    case 4:
    case 5:
      return {offset_of(&slot.end), 8, input.Odd()};
    case 6:
      return {offset_of(&slot.length), 4, input.Odd()};
    case 7:
      return {offset_of(&slot.meta), 4, input.Odd()};
    case 8:
      return {offset_of(&slot.start), 8, input.Odd()};
    case 9:
      return {offset_of(&header.tail), 8, input.Odd()};
    case 10:
      return {offset_of(&header.head), 8, input.Odd()};
    case 11:
      return {offset_of(&header.returns), 8, input.Odd()};
    case 12: {
      const void* words[] = {&header.data.flag, &header.data.seq, &header.space.flag,
                             &header.space.seq, &header.ids_used, &header.no_barrier};
      return {offset_of(words[input.Below(6)]), 4, input.Odd()};
    }
    case 13: {
      const void* words[] = {&header.life, &header.last_look};
      return {offset_of(words[input.Below(2)]), 8, input.Odd()};
    }
    case 14: {
      const native::Participant& record =
          memory_->participant(static_cast<uint32_t>(1 + input.Below(16)));
      return {offset_of(&record.state) + 8 * input.Below(12), 8, input.Odd()};
    }
    default:
      // Anything, anywhere behind what the checksum covers.
      return {sizeof(native::Identity) + input.Below(size_ - sizeof(native::Identity)), 1,
              input.Byte()};
  }
}

void QueueImage::Seal() const {
  const auto checksum = static_cast<uint32_t>(absl::ComputeCrc32c(
      absl::string_view(reinterpret_cast<const char*>(data_), native::kChecksummedBytes)));
  std::memcpy(data_ + native::kChecksummedBytes, &checksum, sizeof(checksum));
}

}  // namespace interprocess::fuzz
