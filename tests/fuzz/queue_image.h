// SPDX-License-Identifier: MIT

// A queue's file whose bytes a fuzzer sets at will, by a mapping that takes part in nothing.

#ifndef INTERPROCESS_TESTS_FUZZ_QUEUE_IMAGE_H_
#define INTERPROCESS_TESTS_FUZZ_QUEUE_IMAGE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/native/queue_memory.h"
#include "interprocess/queue_options.h"
#include "tests/fuzz/image_change.h"
#include "tests/fuzz/input.h"

namespace interprocess::fuzz {

// One for the whole process: the file, and images of it to start from.
class QueueImage {
 public:
  QueueImage();
  QueueImage(const QueueImage&) = delete;
  QueueImage& operator=(const QueueImage&) = delete;
  ~QueueImage();

  const std::string& directory() const { return directory_; }
  const QueueOptions& options() const { return options_; }
  uint8_t* data() const { return data_; }
  uint64_t size() const { return size_; }

  // The file has its name, its size, and the bytes of one of the sound images.
  void Restore(uint64_t which);
  // Cuts or extends the file; only this process has it mapped, until the next Restore.
  void Resize(uint64_t size);
  // Chooses a store that goes deep: a word of a slot that looks right, a hint, a length.
  Change Choose(Input& input) const;
  // The checksum of the header is that of its bytes.
  void Seal() const;

 private:
  void Capture();
  enum class Which { kReservation, kEnd, kSlot, kClaim };
  uint64_t WordOf(Which which, Input& input) const;
  template <typename Make>
  void AddImage(Make make);

  std::string directory_;
  QueueOptions options_;
  std::string path_;
  std::string kept_path_;  // a second name, for the first is removed with the last participant
  uint64_t inode_ = 0;
  int handle_ = -1;
  uint8_t* data_ = nullptr;
  uint64_t size_ = 0;
  std::unique_ptr<native::QueueMemory> memory_;
  std::vector<std::vector<uint8_t>> images_;
};

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_QUEUE_IMAGE_H_
