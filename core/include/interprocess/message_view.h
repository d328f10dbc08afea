// SPDX-License-Identifier: MIT

// What a handler or a buffer receives: a message's bytes, and what is known of it.

#ifndef INTERPROCESS_MESSAGE_VIEW_H_
#define INTERPROCESS_MESSAGE_VIEW_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace interprocess {

// What is known of a received message beside its bytes.
struct MessageInfo {
  size_t size = 0;  // in bytes; also set when a buffer was too small for it
  // How often it was handed out before: a subscriber died with it or gave it back.
  uint32_t earlier_deliveries = 0;
  // A subscriber died holding it and may have acted on it. The only case of a second delivery.
  bool redelivered = false;
  // Its number in the queue, from 0, in the order in which the messages were reserved: numbers only
  // grow, some are never used, and a message keeps its own when it is given back or delivered
  // again. Cloudtoid: 0.
  uint64_t position = 0;
};

// A received message that lies in the queue's memory. Valid only within the call that hands it out.
class MessageView {
 public:
  MessageView(absl::Span<const uint8_t> bytes, const MessageInfo& info)
      : bytes_(bytes), info_(info) {}

  // The message's bytes, and the same as text.
  absl::Span<const uint8_t> bytes() const { return bytes_; }
  absl::string_view text() const {
    return absl::string_view(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  }
  // Its size, position and earlier deliveries.
  const MessageInfo& info() const { return info_; }

 private:
  absl::Span<const uint8_t> bytes_;
  MessageInfo info_;
};

}  // namespace interprocess

#endif  // INTERPROCESS_MESSAGE_VIEW_H_
