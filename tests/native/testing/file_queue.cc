// SPDX-License-Identifier: MIT

#include "tests/native/testing/file_queue.h"

#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/types/span.h"
#include "core/platform/directory.h"
#include "core/platform/process.h"
#include "gtest/gtest.h"

namespace interprocess::testing {

TestDirectory::TestDirectory() {
  path_ = platform::AbsolutePath(::testing::TempDir() + "/ipq-" +
                                 std::to_string(platform::RandomWord()));
  std::filesystem::create_directories(path_);
}

TestDirectory::~TestDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestDirectory::FileOf(const std::string& name) const {
  return platform::AbsolutePath(path_ + "/" + name + ".ipq");
}

bool TestDirectory::Has(const std::string& name) const {
  return std::filesystem::exists(std::filesystem::symlink_status(FileOf(name)));
}

QueueOptions TestDirectory::Options(const std::string& name, int64_t capacity) const {
  QueueOptions options;
  options.name = name;
  options.directory = path_;
  options.capacity = capacity;
  options.max_participants = 16;
  return options;
}

bool Eventually(const std::function<bool()>& condition) {
  const int64_t deadline = platform::MonotonicNanos() + 30'000'000'000;
  while (!condition()) {
    if (platform::MonotonicNanos() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return true;
}

QueueBytes::QueueBytes(const std::string& path) {
  const std::filesystem::path whole(path);
  auto directory = platform::Directory::OpenForReading(whole.parent_path().string());
  auto file = directory.value().OpenFile(whole.filename().string(), /*read_only=*/false);
  mapping_ = platform::MappedFile::Map(*file, static_cast<size_t>(file.value().Size().value()),
                                       /*read_only=*/false)
                 .value();
  auto memory = native::QueueMemory::Check(data(), size(), path);
  if (memory.ok()) memory_ = std::make_unique<native::QueueMemory>(*memory);
}

absl::StatusOr<std::string> Take(const SubscriberPeer& subscriber, MessageInfo* info) {
  std::vector<uint8_t> buffer(subscriber->max_message_size());
  absl::StatusOr<size_t> size = subscriber->TryDequeue(absl::MakeSpan(buffer), info);
  if (!size.ok()) return size.status();
  return std::string(buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(*size));
}

absl::StatusOr<std::string> TakeSoon(const SubscriberPeer& subscriber, MessageInfo* info) {
  absl::StatusOr<std::string> result;
  Eventually([&] {
    result = Take(subscriber, info);
    return !absl::IsUnavailable(result.status());
  });
  return result;
}

absl::Status Put(const PublisherPeer& publisher, const std::string& message) {
  return publisher->TryEnqueue(
      absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(message.data()), message.size()));
}

}  // namespace interprocess::testing
