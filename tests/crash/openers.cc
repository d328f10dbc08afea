// SPDX-License-Identifier: MIT

#include <time.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/crash/crash.h"
#include "tests/crash/fleet.h"
#include "tests/stress/shared_memory.h"
#include "tests/stress/stress.h"

namespace interprocess::crash {
namespace {

using stress::Child;
using stress::NowNanos;

constexpr uint32_t kOpeners = 3;
// Far above what it takes; only "never" is meant.
constexpr int64_t kLongestOpen = 10 * kSecond;

struct OpenerPage {
  std::atomic<uint64_t> opened;
};

QueueOptions OpenerQueue(const CrashOptions& options) {
  QueueOptions queue;
  queue.name = "crash";
  queue.directory = options.directory;
  queue.capacity = 4096;
  queue.max_participants = 64;
  return queue;
}

// Opens and closes; `busy` ones leave a message now and then, and take what they find.
int OpenAndClose(const QueueOptions& queue, uint64_t seed, bool busy, OpenerPage& page) {
  stress::Random random(seed);
  while (true) {
    absl::Status status;
    if (random.OneIn(2)) {
      auto publisher = Publisher::Open(queue);
      status = publisher.status();
      if (status.ok() && busy && random.OneIn(2)) publisher->TryEnqueue("a message").IgnoreError();
    } else {
      auto subscriber = Subscriber::Open(queue);
      status = subscriber.status();
      while (status.ok() && busy && random.Below(4) != 0) {
        auto message = subscriber->TryDequeue();
        if (message.ok() && *message != "a message") return 2;
        if (absl::IsDataLoss(message.status())) status = message.status();
      }
    }
    if (!status.ok()) {
      fprintf(stderr, "in a child: Open: %s\n", status.ToString().c_str());
      return 1;
    }
    page.opened.fetch_add(1);
  }
}

// A name that leads to a file leads to a whole queue.
std::string LookForHalfMade(const std::string& directory) {
  auto entries = ListQueues(directory);
  if (!entries.ok()) return entries.status().ToString();
  for (const QueueEntry& entry : *entries) {
    // It may go between being listed and being looked at.
    if (!entry.status.ok() && !absl::IsNotFound(entry.status)) return entry.status.ToString();
  }
  return "";
}

// Opens it, empties it, closes it.
std::string OpenOnce(const QueueOptions& queue, Times& times) {
  const int64_t start = NowNanos();
  auto subscriber = Subscriber::Open(queue);
  const int64_t took = NowNanos() - start;
  times.Add(took);
  if (!subscriber.ok()) return subscriber.status().ToString();
  if (took > kLongestOpen) return absl::StrCat("Open took ", took, " ns");
  while (true) {
    auto message = subscriber->TryDequeue();
    if (absl::IsUnavailable(message.status())) return "";
    if (!message.ok()) return message.status().ToString();
  }
}

}  // namespace

Outcome KillWhileOpening(const CrashOptions& options) {
  stress::Random random(options.seed);
  const QueueOptions queue = OpenerQueue(options);
  stress::SharedArray<OpenerPage> pages(kOpeners);
  Outcome outcome;
  Times times;
  int alone = 0, left_behind = 0;
  for (int round = 0; round < options.rounds && outcome.failure.empty(); ++round) {
    const uint32_t openers = random.OneIn(2) ? 1 : kOpeners;
    const bool busy = random.OneIn(2);
    alone += openers == 1;
    std::vector<Child> children;
    std::vector<uint64_t> start;
    for (uint32_t i = 0; i < openers; ++i) {
      start.push_back(pages[i].opened.load());
      const uint64_t seed = random.Next();
      children.push_back(
          Child::Start([&, i] { return OpenAndClose(queue, seed, busy, pages[i]); }));
    }
    for (uint32_t i = 0; i < openers; ++i) {
      if (!WaitUntil([&] { return pages[i].opened.load() != start[i]; }, kLongestOpen)) {
        outcome.failure = "an opener does not get on";
      }
    }
    for (const int64_t end = NowNanos() + static_cast<int64_t>(random.Below(2 * kMillisecond));
         NowNanos() < end;) {
    }
    children[0].Kill();
    if (outcome.failure.empty()) outcome.failure = LookForHalfMade(options.directory);
    children[0].Wait();
    // The others go on, in spite of whatever it held.
    for (uint32_t i = 1; i < openers; ++i) {
      const uint64_t before = pages[i].opened.load();
      if (!WaitUntil([&] { return pages[i].opened.load() != before || children[i].Poll() != -1; },
                     kLongestOpen)) {
        outcome.failure = "an opener does not get on after a death";
      }
      if (children[i].Poll() != -1) outcome.failure = "an opener failed";
    }
    for (uint32_t i = 1; i < openers; ++i) children[i].Kill();
    for (uint32_t i = 1; i < openers; ++i) children[i].Wait();
    if (!outcome.failure.empty()) break;
    left_behind += !stress::LeftIn(options.directory).empty();
    // Twice: what the first finds may hold messages that the dead had claimed.
    outcome.failure = OpenOnce(queue, times);
    if (outcome.failure.empty() && busy) {
      WaitUntil(
          [&] {
            if (outcome.failure.empty()) outcome.failure = OpenOnce(queue, times);
            return !outcome.failure.empty() || stress::LeftIn(options.directory).empty();
          },
          kLongestOpen);
    }
    if (outcome.failure.empty()) outcome.failure = stress::LeftIn(options.directory);
  }
  outcome.figures = absl::StrCat(options.rounds, " openers killed (", alone, " alone), seed ",
                                 options.seed, "\n  left a queue behind: ", left_behind,
                                 " times\n  the next Open: ", times.Describe(), "\n");
  return outcome;
}

}  // namespace interprocess::crash
