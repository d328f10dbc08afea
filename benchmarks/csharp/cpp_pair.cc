// SPDX-License-Identifier: MIT

// The C++ side of //benchmarks/csharp: a publisher and a subscriber of one queue in one thread,
// called from C# for thousands of messages at a time.

#include <cstdint>
#include <utility>

#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"

namespace {

struct Pair {
  interprocess::Publisher publisher;
  interprocess::Subscriber subscriber;
  uint8_t message[64] = {};
  uint8_t buffer[64] = {};
};

}  // namespace

extern "C" {

// Null on failure.
__attribute__((visibility("default"))) Pair* OpenPair(const char* directory) {
  interprocess::QueueOptions options;
  options.name = "cpp";
  options.directory = directory;
  options.keep_undelivered = false;
  auto publisher = interprocess::Publisher::Open(options);
  auto subscriber = interprocess::Subscriber::Open(options);
  if (!publisher.ok() || !subscriber.ok()) return nullptr;
  return new Pair{*std::move(publisher), *std::move(subscriber)};
}

__attribute__((visibility("default"))) void ClosePair(Pair* pair) { delete pair; }

// How many messages went in.
__attribute__((visibility("default"))) int64_t EnqueueMany(Pair* pair, int64_t count) {
  int64_t done = 0;
  for (int64_t i = 0; i < count; ++i) {
    done += pair->publisher.TryEnqueue(absl::MakeConstSpan(pair->message)).ok();
  }
  return done;
}

// Takes out what there is.
__attribute__((visibility("default"))) void Drain(Pair* pair) {
  while (pair->subscriber.TryDequeue(absl::MakeSpan(pair->buffer)).ok()) {
  }
}

// How many messages went in and were taken out.
__attribute__((visibility("default"))) int64_t EnqueueAndDequeueMany(Pair* pair, int64_t count) {
  int64_t done = 0;
  for (int64_t i = 0; i < count; ++i) {
    done += pair->publisher.TryEnqueue(absl::MakeConstSpan(pair->message)).ok() &&
            pair->subscriber.TryDequeue(absl::MakeSpan(pair->buffer)).ok();
  }
  return done;
}

}  // extern "C"
