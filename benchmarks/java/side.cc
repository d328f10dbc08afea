// SPDX-License-Identifier: MIT

// side ROLE DIRECTORY COUNT: the C++ side of Benchmark.java; Side.java is the other. Prints the
// nanoseconds of an operation.

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/types/span.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"

namespace {

using interprocess::Publisher;
using interprocess::Subscriber;

void Check(bool good) {
  if (good) return;
  std::cerr << "side: a call failed" << std::endl;
  std::exit(1);
}

int64_t Now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

void Report(int64_t nanos, int64_t operations) {
  std::cout << static_cast<double>(nanos) / static_cast<double>(operations) << " 0" << std::endl;
}

// One thread: `count` times the original's cases.
void Alone(const std::string& role, Publisher& publisher, Subscriber& subscriber, int64_t count) {
  uint8_t message[64] = {1};
  uint8_t buffer[64];
  int64_t best = INT64_MAX;
  for (int round = 0; round < 5; ++round) {
    int64_t nanos = 0;
    for (int64_t done = 0; done < count;) {
      const int64_t start = Now();
      constexpr int kEach = 10'000;
      if (role == "enqueue") {
        for (int i = 0; i < kEach; ++i) Check(publisher.TryEnqueue(absl::MakeSpan(message)).ok());
        nanos += Now() - start;
        while (subscriber.TryDequeue(absl::MakeSpan(buffer)).ok()) {
        }
      } else {
        for (int i = 0; i < kEach; ++i) {
          Check(publisher.TryEnqueue(absl::MakeSpan(message)).ok());
          if (role == "pair") {
            Check(subscriber.TryDequeue(absl::MakeSpan(buffer)).ok());
          } else {
            Check(subscriber.TryDequeue().ok());
          }
        }
        nanos += Now() - start;
      }
      done += kEach;
    }
    best = std::min(best, nanos / count * 1000 + nanos % count * 1000 / count);
  }
  Report(best, 1000);
}

void Publish(Publisher& publisher, int64_t count) {
  uint8_t message[64] = {1};
  for (int64_t i = 0; i < count; ++i) Check(publisher.Enqueue(absl::MakeSpan(message)).ok());
}

// The first half is warm-up, as there.
void Subscribe(Subscriber& subscriber, int64_t count) {
  uint8_t buffer[64];
  int64_t start = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (i == count / 2) start = Now();
    Check(subscriber.Dequeue(absl::MakeSpan(buffer)).ok());
  }
  Report(Now() - start, count - count / 2);
}

constexpr size_t kLarge = 65536;

void PublishInPlace(Publisher& publisher, int64_t count) {
  const std::vector<uint8_t> source(kLarge, 7);
  for (int64_t i = 0; i < count; ++i) {
    auto room = publisher.Reserve(kLarge);
    Check(room.ok());
    std::memcpy(room->span().data(), source.data(), kLarge);
    Check(room->Commit().ok());
  }
}

void SubscribeInPlace(Subscriber& subscriber, int64_t count) {
  std::vector<uint8_t> target(kLarge);
  int64_t start = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (i == count / 2) start = Now();
    auto message = subscriber.Borrow();
    Check(message.ok());
    std::memcpy(target.data(), message->bytes().data(), kLarge);
    Check(message->Acknowledge().ok());
  }
  Report(Now() - start, count - count / 2);
}

// Returns when a subscriber sleeps: a JVM takes its time to start.
void AwaitSleeper(const interprocess::QueueOptions& options) {
  while (true) {
    auto inspector = interprocess::QueueInspector::Open(options.name, options.directory);
    Check(inspector.ok());
    const auto report = inspector->Report();
    Check(report.ok());
    for (const auto& participant : report->participants) {
      if (participant.waits_for == "data") return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

// A message with the time now and then, to a subscriber that sleeps.
void Tick(Publisher& publisher, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const int64_t now = Now();
    Check(publisher.Enqueue(absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(&now), sizeof now))
              .ok());
  }
}

void Wake(Subscriber& subscriber, int64_t count) {
  std::vector<int64_t> nanos;
  for (int64_t i = 0; i < count; ++i) {
    int64_t sent = 0;
    interprocess::WaitOptions wait;
    wait.spin = absl::ZeroDuration();
    Check(subscriber.Dequeue(absl::MakeSpan(reinterpret_cast<uint8_t*>(&sent), sizeof sent), wait)
              .ok());
    nanos.push_back(Now() - sent);
  }
  std::sort(nanos.begin(), nanos.end());
  Report(nanos[nanos.size() / 2], 1);
}

}  // namespace

int main(int argc, char** argv) {
  Check(argc == 4);
  const std::string role = argv[1];
  const int64_t count = std::atoll(argv[3]);
  interprocess::QueueOptions options;
  options.name = "benchmark";
  options.directory = argv[2];
  options.capacity = role.find("place") == std::string::npos ? 1 << 20 : 1 << 22;
  if (role == "enqueue" || role == "pair" || role == "pair_new") {
    Publisher publisher = Publisher::Open(options).value();
    Subscriber subscriber = Subscriber::Open(options).value();
    Alone(role, publisher, subscriber, count);
    return 0;
  }
  const bool publishes = role == "publish" || role == "publish_in_place" || role == "tick";
  if (publishes) {
    Publisher publisher = Publisher::Open(options).value();
    if (role == "publish") Publish(publisher, count);
    if (role == "publish_in_place") PublishInPlace(publisher, count);
    if (role == "tick") {
      AwaitSleeper(options);
      Tick(publisher, count);
    }
  } else {
    Subscriber subscriber = Subscriber::Open(options).value();
    if (role == "subscribe") Subscribe(subscriber, count);
    if (role == "subscribe_in_place") SubscribeInPlace(subscriber, count);
    if (role == "wake") Wake(subscriber, count);
  }
}
