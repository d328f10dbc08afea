// peer publish|subscribe DIRECTORY COUNT: the C++ side of InteropTest. Peer.java is the other.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace {

constexpr int64_t kCapacity = 65536;

size_t SizeOf(uint32_t i) {
  if (i % 100 == 0) return kCapacity;
  if (i % 100 == 1) return 0;
  return i * 2654435761u % 3000;
}

std::string Message(uint32_t i) {
  std::string text(SizeOf(i), '\0');
  for (size_t j = 0; j < text.size(); ++j) text[j] = static_cast<char>(i * 31 + j * 7 + j / 251);
  return text;
}

absl::Status Publish(const interprocess::QueueOptions& options, uint32_t count) {
  auto publisher = interprocess::Publisher::Open(options);
  if (!publisher.ok()) return publisher.status();
  for (uint32_t i = 0; i < count; ++i) {
    if (absl::Status status = publisher->Enqueue(Message(i)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Subscribe(const interprocess::QueueOptions& options, uint32_t count) {
  auto subscriber = interprocess::Subscriber::Open(options);
  if (!subscriber.ok()) return subscriber.status();
  for (uint32_t i = 0; i < count; ++i) {
    auto message = subscriber->Dequeue();
    if (!message.ok()) return message.status();
    if (*message != Message(i)) return absl::DataLossError(absl::StrCat("message ", i, " differs"));
  }
  if (subscriber->TryDequeue().ok()) return absl::DataLossError("there are more messages");
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  interprocess::QueueOptions options;
  options.name = "queue";
  options.directory = argv[2];
  options.capacity = kCapacity;
  const auto count = static_cast<uint32_t>(std::atoi(argv[3]));
  const absl::Status status =
      std::string(argv[1]) == "publish" ? Publish(options, count) : Subscribe(options, count);
  if (status.ok()) return 0;
  std::cerr << "peer: " << status << std::endl;
  return 1;
}
