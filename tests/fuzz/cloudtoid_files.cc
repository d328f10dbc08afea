// SPDX-License-Identifier: MIT

#include "tests/fuzz/cloudtoid_files.h"

#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

#include "core/cloudtoid/location.h"
#include "core/platform/directory.h"
#include "core/platform/file_lock.h"
#include "core/platform/mapped_file.h"
#include "core/platform/semaphore.h"
#include "interprocess/queue_options.h"
#include "tests/fuzz/endpoint_calls.h"

namespace interprocess::fuzz {
namespace {

using platform::FileLock;
using platform::FileLockMode;

class FileRun {
 public:
  FileRun(const std::string& directory, const CloudtoidImage& image, Racer& racer, Input input)
      : image_(image),
        racer_(racer),
        input_(input),
        how_(input_.Byte()),
        queue_(Queue(directory)),
        location_(cloudtoid::LocationOf(queue_.name, queue_.directory, queue_.protocol)),
        calls_(input_, queue_, 4 * image.bytes.size()) {}

  void Do() {
    WriteFile();
    // Somebody else has it open: then the image is used as it is, and keeps its size.
    FileLock other;
    if ((how_ & 6) != 0) {
      other = Locked(location_.path, FileLockMode::kShared);
      Map();
    }
    std::vector<FileLock> living;
    if (!location_.leases.empty() && (how_ & 8) != 0) living = HoldLeases();
    if (mapping_.data() != nullptr && (how_ & 0xe0) == 0xe0) {
      racer_.Start(mapping_.data(), ChooseChanges(image_, input_));
    }
    for (int step = 0; step < 100 && !input_.empty(); ++step) Step();
    racer_.Stop();
  }

  void Remove() const {
    platform::NamedSemaphore::Remove(location_.semaphore).IgnoreError();
    std::error_code ignored;
    std::filesystem::remove(location_.path, ignored);
    if (!location_.leases.empty()) std::filesystem::remove_all(location_.leases, ignored);
  }

 private:
  QueueOptions Queue(const std::string& directory) const {
    QueueOptions queue;
    // The semaphore's name is the machine's.
    queue.name = "fuzz-" + std::to_string(getpid());
    queue.directory = directory;
    queue.capacity = image_.capacity;
    queue.protocol = image_.version == 3 ? Protocol::kCloudtoidV3
                     : (how_ & 1) != 0   ? Protocol::kCloudtoidV2Fork
                                         : Protocol::kCloudtoidV2;
    return queue;
  }

  // Not empty: that is a queue which somebody is about to make, and is waited for.
  void WriteFile() {
    size_ = image_.bytes.size();
    if ((how_ & 0x18) == 0x18) {
      const uint64_t other = input_.Bool() ? image_.bytes.size() + input_.Byte() : input_.Odd();
      size_ = 1 + other % (2 * image_.bytes.size());
    }
    std::error_code error;
    std::filesystem::create_directories(location_.directory, error);
    FUZZ_CHECK(!error, error.message().c_str());
    std::ofstream file(location_.path, std::ios::binary | std::ios::trunc);
    std::string bytes = image_.bytes;
    bytes.resize(size_);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    FUZZ_CHECK(file.good(), location_.path.c_str());
  }

  void Map() {
    if (size_ != image_.bytes.size()) return;
    const auto directory = platform::Directory::Open(location_.directory);
    FUZZ_CHECK(directory.ok(), directory.status().ToString().c_str());
    const auto file = directory->OpenFile(location_.file_name, /*read_only=*/false);
    FUZZ_CHECK(file.ok(), file.status().ToString().c_str());
    auto mapping = platform::MappedFile::Map(*file, size_, /*read_only=*/false);
    FUZZ_CHECK(mapping.ok(), mapping.status().ToString().c_str());
    mapping_ = *std::move(mapping);
  }

  static FileLock Locked(const std::string& path, FileLockMode mode) {
    auto lock = FileLock::Open(path, /*create=*/true);
    FUZZ_CHECK(lock.ok(), lock.status().ToString().c_str());
    FUZZ_CHECK(lock->TryLock(mode).value_or(false), path.c_str());
    return *std::move(lock);
  }

  // Of version 3's participants, the dead and these.
  std::vector<FileLock> HoldLeases() {
    std::error_code error;
    std::filesystem::create_directories(location_.leases, error);
    FUZZ_CHECK(!error, error.message().c_str());
    std::vector<FileLock> leases;
    for (const int id : {1, 3, 100}) {
      leases.push_back(
          Locked(location_.leases + "/" + std::to_string(id), FileLockMode::kExclusive));
    }
    return leases;
  }

  void Step() {
    const uint8_t step = input_.Byte() % 32;
    if (step >= EndpointCalls::kFirst && step <= EndpointCalls::kLast) return calls_.Step(step);
    if (step == 29) return calls_.Inspect();
    if (step == 30) return calls_.Manage();
    if (mapping_.data() != nullptr) Apply(mapping_.data(), ChooseChange(image_, input_));
  }

  const CloudtoidImage& image_;
  Racer& racer_;
  Input input_;
  const uint8_t how_;
  const QueueOptions queue_;
  const cloudtoid::Location location_;
  uint64_t size_ = 0;
  platform::MappedFile mapping_;
  EndpointCalls calls_;
};

}  // namespace

CloudtoidFiles::CloudtoidFiles() {
  const char* of_test = getenv("TEST_TMPDIR");
  std::error_code none;
  directory_ =
      (of_test != nullptr ? of_test : std::filesystem::temp_directory_path(none).string()) +
      "/ipq-fuzz-XXXXXX";
  FUZZ_CHECK(mkdtemp(directory_.data()) != nullptr, directory_.c_str());
}

CloudtoidFiles::~CloudtoidFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void CloudtoidFiles::Run(const CloudtoidImage& image, Racer& racer, Input input) const {
  FileRun run(directory_, image, racer, input);
  run.Do();
  run.Remove();
}

}  // namespace interprocess::fuzz
