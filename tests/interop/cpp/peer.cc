// SPDX-License-Identifier: MIT

// The C++ peer of the interop tests: its command line is that of ../reference/peer.py, and knows
// "follow" of ../original/peer.js.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace interprocess {
namespace {

std::string Message(uint32_t index, size_t largest) {
  uint32_t mixed = index * 2654435761u + 12345u;
  mixed ^= mixed >> 15;
  const size_t size = index % 1000 == 999 ? largest : mixed % std::min<size_t>(1000, largest);
  std::string text(4 + size, '\0');
  std::memcpy(text.data(), &index, 4);
  for (size_t i = 0; i < size; ++i) text[4 + i] = static_cast<char>(index * 7 + i);
  text.resize(size);
  return text;
}

// In every way that there is, in turn.
absl::Status Publish(Publisher& publisher, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    const std::string message = Message(i, publisher.max_message_size());
    absl::Status status;
    if (i % 2 == 0) {
      status = publisher.Enqueue(message);
    } else {
      auto room = publisher.Reserve(message.size());
      if (!room.ok()) return room.status();
      if (!message.empty()) std::memcpy(room->span().data(), message.data(), message.size());
      // Where a reservation holds no room, the commit may find none.
      do {
        status = room->Commit();
      } while (status.code() == absl::StatusCode::kResourceExhausted);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Take(Subscriber& subscriber, uint32_t index, std::string& message) {
  if (index % 2 == 0) {
    auto taken = subscriber.Dequeue();
    if (!taken.ok()) return taken.status();
    message = *std::move(taken);
    return absl::OkStatus();
  }
  auto borrowed = subscriber.Borrow();
  if (!borrowed.ok()) return borrowed.status();
  message = std::string(borrowed->text());
  return borrowed->Acknowledge();
}

absl::Status Subscribe(Subscriber& subscriber, uint32_t count) {
  std::string message;
  for (uint32_t i = 0; i < count; ++i) {
    if (absl::Status status = Take(subscriber, i, message); !status.ok()) return status;
    if (message != Message(i, subscriber.max_message_size())) {
      return absl::DataLossError(absl::StrCat("message ", i, " differs"));
    }
  }
  if (subscriber.TryDequeue().ok()) return absl::DataLossError("there are more messages");
  return absl::OkStatus();
}

// Until message `count` - 1 has come. It may begin with any message, and with message 0 again, for
// others are killed meanwhile. In between each must follow the one before.
absl::Status Follow(Subscriber& subscriber, uint32_t count) {
  std::optional<uint32_t> next;
  for (uint32_t received = 1; next != count; ++received) {
    auto message = subscriber.Dequeue();
    if (!message.ok()) return message.status();
    if ((received & (received - 1)) == 0) std::cout << "at " << received << std::endl;
    if (message->size() >= 4) {
      uint32_t index;
      std::memcpy(&index, message->data(), 4);
      if (next.has_value() && index != *next && index != 0) {
        return absl::DataLossError(absl::StrCat("message ", index, " came for ", *next));
      }
      next = index;
    } else if (!next.has_value()) {
      continue;  // it does not tell which it is
    }
    if (*message != Message(*next, subscriber.max_message_size())) {
      return absl::DataLossError(absl::StrCat("message ", *next, " differs"));
    }
    ++*next;
  }
  return absl::OkStatus();
}

// Opens, does its part, and says so.
template <typename Endpoint>
absl::Status Run(const QueueOptions& options, uint32_t count,
                 absl::Status (*part)(Endpoint&, uint32_t), bool wait_for_a_line) {
  auto endpoint = Endpoint::Open(options);
  if (!endpoint.ok()) return endpoint.status();
  std::cout << "attached" << std::endl;
  if (absl::Status status = part(*endpoint, count); !status.ok()) return status;
  std::cout << "done" << std::endl;
  std::string line;
  if (wait_for_a_line) std::getline(std::cin, line);
  return absl::OkStatus();
}

absl::Status Main(char** argv) {
  QueueOptions options;
  for (const Protocol protocol : {Protocol::kNative, Protocol::kCloudtoidV2, Protocol::kCloudtoidV3,
                                  Protocol::kCloudtoidV2Fork}) {
    if (ProtocolName(protocol) == std::string(argv[2])) options.protocol = protocol;
  }
  options.directory = argv[3];
  options.name = argv[4];
  options.capacity = std::atoll(argv[5]);
  const auto count = static_cast<uint32_t>(std::atoi(argv[6]));
  const std::string command = argv[1];
  if (command == "publish") return Run<Publisher>(options, count, Publish, true);
  if (command == "subscribe") return Run<Subscriber>(options, count, Subscribe, false);
  if (command == "follow") return Run<Subscriber>(options, count, Follow, false);
  return absl::InvalidArgumentError("publish, subscribe or follow");
}

}  // namespace
}  // namespace interprocess

int main(int argc, char** argv) {
  if (argc != 7) return 2;
  const absl::Status status = interprocess::Main(argv);
  if (status.ok()) return 0;
  std::cerr << "peer: " << status << std::endl;
  return 1;
}
