// SPDX-License-Identifier: MIT

#include "tests/native/testing/file_queue.h"

#include <filesystem>
#include <vector>

#include "absl/types/span.h"
#include "core/platform/directory.h"

namespace interprocess::testing {

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
