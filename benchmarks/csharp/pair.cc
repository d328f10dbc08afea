// SPDX-License-Identifier: MIT

// pair publish|subscribe DIRECTORY COUNT: the C++ side of //benchmarks/csharp:two_processes.
// Messages of 64 bytes; polls, as the C# side does. The subscriber prints the nanoseconds from the
// first message to the last.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const std::string role = argv[1];
  const int64_t count = std::atoll(argv[3]);
  interprocess::QueueOptions options;
  options.name = "pair";
  options.directory = argv[2];
  uint8_t bytes[64] = {};
  if (role == "publish") {
    auto publisher = interprocess::Publisher::Open(options);
    if (!publisher.ok()) return 1;
    for (int64_t i = 0; i < count;) {
      if (publisher->TryEnqueue(absl::MakeConstSpan(bytes)).ok()) ++i;
    }
    return 0;
  }
  auto subscriber = interprocess::Subscriber::Open(options);
  if (!subscriber.ok()) return 1;
  std::chrono::steady_clock::time_point start;
  for (int64_t i = 0; i < count;) {
    if (!subscriber->TryDequeue(absl::MakeSpan(bytes)).ok()) continue;
    if (i++ == 0) start = std::chrono::steady_clock::now();
  }
  const auto time = std::chrono::steady_clock::now() - start;
  std::cout << std::chrono::duration_cast<std::chrono::nanoseconds>(time).count() << std::endl;
  return 0;
}
