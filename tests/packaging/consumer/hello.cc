// SPDX-License-Identifier: MIT

#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace {

absl::StatusOr<std::string> SendAndReceive(const std::string& directory) {
  interprocess::QueueOptions options;
  options.name = "hello";
  options.directory = directory;
  options.capacity = 65536;

  absl::StatusOr<interprocess::Publisher> publisher = interprocess::Publisher::Open(options);
  if (!publisher.ok()) return publisher.status();
  absl::StatusOr<interprocess::Subscriber> subscriber = interprocess::Subscriber::Open(options);
  if (!subscriber.ok()) return subscriber.status();

  absl::Status sent = publisher->TryEnqueue("hello");
  if (!sent.ok()) return sent;
  return subscriber->TryDequeue();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: hello DIRECTORY\n";
    return 2;
  }
  absl::StatusOr<std::string> received = SendAndReceive(argv[1]);
  if (!received.ok()) {
    std::cerr << received.status() << "\n";
    return 1;
  }
  std::cout << "received: " << *received << "\n";
}
