// SPDX-License-Identifier: MIT

#include "core/engine/engine.h"

#include "absl/cleanup/cleanup.h"

namespace interprocess {

absl::Status PublisherEngine::EnqueueAndEnd(absl::Span<const uint8_t> message) {
  const absl::Cleanup end = [this] { EndCall(); };
  return TryEnqueue(message);
}

absl::StatusOr<size_t> SubscriberEngine::DequeueAndEnd(absl::Span<uint8_t> buffer,
                                                       MessageInfo* info) {
  const absl::Cleanup end = [this] { EndCall(); };
  return TryDequeue(buffer, info);
}

}  // namespace interprocess
