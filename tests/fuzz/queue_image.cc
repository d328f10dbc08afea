// SPDX-License-Identifier: MIT

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

void QueueImage::Restore(uint64_t which) {
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
}

void QueueImage::Resize(uint64_t size) {
  FUZZ_CHECK(ftruncate(handle_, static_cast<off_t>(size)) == 0, "ftruncate");
}

// A word of the kind that an entry of ring `which` has, at some lap near the hints'.
uint64_t QueueImage::WordOf(Which which, Input& input) const {
  const Ring& ring = memory_->ring();
  const uint8_t byte = input.Byte();
  const uint64_t lap =
      ring.LapOf(memory_->header().tail.load(std::memory_order_relaxed)) + (byte >> 4) - 2;
  const auto owner = static_cast<uint32_t>(input.Below(20));
  const uint8_t kind = byte % 5;
  if (kind == 4) return input.Odd();
  switch (which) {
    case Which::kReservation:
      return ring.ReservedWord(owner, input.Below(128), lap);
    case Which::kEnd:
      return Ring::EndWord(lap, input.Below(256));
    case Which::kSlot:
      return kind < 3 ? Ring::ReadyWord(lap) : Ring::VoidWord(lap);
    default:
      return kind == 0   ? Ring::FreeWord(lap)
             : kind == 1 ? Ring::ReturnedWord(lap)
                         : Ring::ClaimedWord(owner, lap);
  }
}

Change QueueImage::Choose(Input& input) const {
  const auto offset_of = [&](const void* field) {
    return static_cast<uint64_t>(static_cast<const uint8_t*>(field) - data_);
  };
  const Header& header = memory_->header();
  const uint8_t kind = input.Byte() % 20;
  const uint64_t position = kind <= 8 ? input.Byte() : 0;
  const Slot& slot = memory_->slot(position);
  const native::Reservation& reservation = memory_->reservation(position);
  switch (kind) {
    case 0:
    case 1:
      return {offset_of(&slot.word), 8, WordOf(Which::kSlot, input)};
    case 2:
      return {offset_of(&reservation.word), 8, WordOf(Which::kReservation, input)};
    case 3:
    case 4:
      return {offset_of(&memory_->claim(position).word), 8, WordOf(Which::kClaim, input)};
    case 5:
      return {offset_of(&reservation.end), 8, WordOf(Which::kEnd, input)};
    case 6:
      return {offset_of(&slot.about), 4, input.Odd()};
    case 7:
      return {offset_of(&slot.about) + 4, 4, input.Odd()};
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
      const void* words[] = {
          &header.life, &header.last_look,       &header.look_pause,      &header.released,
          &header.line, &header.data.watched[0], &header.space.watched[1]};
      return {offset_of(words[input.Below(7)]), 8, input.Odd()};
    }
    case 14: {
      const native::Participant& record =
          memory_->participant(static_cast<uint32_t>(1 + input.Below(16)));
      return {offset_of(&record.state) + 8 * input.Below(12), 8, input.Odd()};
    }
    case 15:
    case 16: {
      // What a participant says that it holds.
      const native::Participant& record =
          memory_->participant(static_cast<uint32_t>(1 + input.Below(16)));
      return {offset_of(&record.current) + 8 * input.Below(4), 8, input.Below(300)};
    }
    case 17:
      return {offset_of(&header.returned[input.Byte()]), 8,
              input.Below(300) << 14 | input.Below(4)};
    case 18: {
      const void* words[] = {&header.front.flag,    &header.front.seq,   &header.data.fenced,
                             &header.space.fenced,  &header.look_cursor, &header.one_publisher,
                             &header.one_subscriber};
      return {offset_of(words[input.Below(7)]), 4, input.Odd()};
    }
    default:
      // Anything, anywhere behind what the checksum covers.
      return {sizeof(native::Identity) + input.Below(size_ - sizeof(native::Identity)), 1,
              input.Byte()};
  }
}

void QueueImage::Seal() const {
  native::Identity identity;
  std::memcpy(&identity, data_, sizeof(identity));
  const uint32_t checksum = native::QueueMemory::ChecksumOf(identity);
  std::memcpy(data_ + native::kChecksummedBytes, &checksum, sizeof(checksum));
}

}  // namespace interprocess::fuzz
