// SPDX-License-Identifier: MIT

// Headers in front of a queue's message, as NATS writes them:
// "NATS/1.0\r\n", "NAME: VALUE\r\n" for each, "\r\n", and then the message's bytes.

#ifndef INTERPROCESS_TOOLS_JETSTREAM_HEADER_BLOCK_H_
#define INTERPROCESS_TOOLS_JETSTREAM_HEADER_BLOCK_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "tools/jetstream/client.h"

namespace jetstream {

// What the bridge itself says of a message.
inline constexpr char kMessageId[] = "Nats-Msg-Id";        // the server's name for it
inline constexpr char kRedelivered[] = "Ipq-Redelivered";  // "true": it may have come before
inline constexpr char kDeliveries[] = "Ipq-Deliveries";    // how often it was handed out before
inline constexpr char kPublisher[] = "Ipq-Publisher";      // HOST/QUEUE that it came from
inline constexpr char kSubject[] = "Ipq-Subject";          // in the stream
inline constexpr char kSequence[] = "Ipq-Sequence";        // in the stream
inline constexpr char kPart[] = "Ipq-Part";                // "2/3" of a message in parts
inline constexpr char kReason[] = "Ipq-Reason";            // of a dead letter

// What a bridge has as kMessageId: the queue's `unique` and the message's position in it.
std::string MakeMessageId(uint64_t unique, uint64_t position);
// Whether `id` is such a one.
bool ParseMessageId(absl::string_view id, uint64_t& unique, uint64_t& position);

std::string MakeHeaderBlock(const Headers& headers);

// Takes the block off the front of `message`, and gives its headers. Without one, none.
Headers TakeHeaderBlock(absl::string_view& message);

}  // namespace jetstream

#endif  // INTERPROCESS_TOOLS_JETSTREAM_HEADER_BLOCK_H_
