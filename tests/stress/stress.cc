// SPDX-License-Identifier: MIT

#include "tests/stress/stress.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/stress/children.h"

namespace interprocess::stress {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kPaceNanos = kSecond / 50;

void Pause() {
  const timespec time = {0, 2'000'000};
  nanosleep(&time, nullptr);
}

// Runs the workers as threads or as processes, and waits for their ends.
class Crew {
 public:
  explicit Crew(bool processes) : processes_(processes) {}

  void Start(std::function<void()> work) {
    if (processes_) {
      children_.push_back(Child::Start([work = std::move(work)] {
        work();
        return 0;
      }));
    } else {
      threads_.emplace_back(std::move(work));
    }
  }

  // Empty, or what a child died of.
  std::string Join() {
    std::string wrong;
    for (std::thread& thread : threads_) thread.join();
    for (Child& child : children_) {
      if (int code = child.Wait(); code != 0) wrong = absl::StrCat("a worker ended with ", code);
    }
    return wrong;
  }

  // A worker that has not ended by itself: what it ended with, else 0.
  int EndedEarly() {
    for (Child& child : children_) {
      if (int code = child.Poll(); code > 0) return code;
    }
    return 0;
  }

  // After a hang: threads cannot be ended.
  void Abandon() {
    if (getenv("INTERPROCESS_PAUSE_ON_HANG") != nullptr) pause();
    if (!processes_) abort();
    children_.clear();
  }

 private:
  const bool processes_;
  std::vector<std::thread> threads_;
  std::vector<Child> children_;
};

void SetPace(WorldState& state, int64_t since_start) {
  const int64_t phase = since_start / kPaceNanos % 4;
  state.slow_publishers.store(phase == 1, std::memory_order_relaxed);
  state.slow_subscribers.store(phase == 3, std::memory_order_relaxed);
}

// Until all is delivered. Empty, or what went wrong.
std::string Watch(const StressOptions& options, World& world, Crew& crew, uint64_t expected) {
  WorldState& state = world.state();
  const int64_t start = NowNanos();
  int64_t moved = start;
  uint64_t before = 0;
  while (true) {
    if (world.failed()) return world.failure();
    const uint64_t delivered = state.delivered.load();
    // The count of what was sent is read after that of what came; both only grow.
    if (delivered == expected && state.empty_delivered.load() == state.empty_sent.load()) return "";
    const int64_t now = NowNanos();
    if (delivered != before) {
      before = delivered;
      moved = now;
    } else if (now - moved > options.patience_ns) {
      world.Dump();
      crew.Abandon();
      return absl::StrCat("hang: ", delivered, " of ", expected, " messages were delivered");
    }
    if (int code = crew.EndedEarly(); code != 0) {
      return absl::StrCat("a worker died with ", code);
    }
    if (options.change_pace) SetPace(state, now - start);
    Pause();
  }
}

}  // namespace

StressResult RunStress(const StressOptions& options) {
  const uint64_t each = options.messages / options.publishers;
  const uint64_t expected = each * options.publishers;
  World world(options.work, options.publishers + options.subscribers, options.publishers, each);
  const int64_t start = NowNanos();
  Crew crew(options.processes);
  for (uint32_t i = 0; i < options.subscribers; ++i) {
    crew.Start([&world, i] { Subscribe(world, i); });
  }
  // As long as one of them may still send an empty message, their number is not known.
  Crew publishers(options.processes);
  for (uint32_t i = 0; i < options.publishers; ++i) {
    const uint32_t worker = options.subscribers + i;
    publishers.Start([&world, worker, i, each] { Publish(world, worker, i, each); });
  }
  StressResult result;
  result.failure = Watch(options, world, crew, expected);
  std::string ended = result.failure.empty() ? publishers.Join() : "";
  // Now that all has been sent, once more for the empty ones of the last moment.
  if (result.failure.empty()) result.failure = Watch(options, world, crew, expected);
  world.state().stop_publishers.store(true);
  world.state().stop_subscribers.store(true);
  if (result.failure.empty()) result.failure = ended.empty() ? crew.Join() : ended;
  if (result.failure.empty() && world.failed()) result.failure = world.failure();

  const WorldState& state = world.state();
  result.seconds = static_cast<double>(NowNanos() - start) / kSecond;
  result.delivered = state.delivered.load();
  result.empty = state.empty_delivered.load();
  result.bytes = state.bytes.load();
  result.given_back = state.given_back.load();
  result.opened = state.opened.load();
  result.found_full = state.found_full.load();
  if (!result.failure.empty()) {
    if (!options.processes) {
      crew.Join();
      publishers.Join();
    }
    return result;
  }
  const Ledger::Account account = world.ledger().Audit(0, options.publishers);
  if (account.enqueued != expected || account.delivered != expected) {
    result.failure = absl::StrCat("sent ", account.enqueued, ", delivered ", account.delivered);
  } else if (state.empty_sent.load() != result.empty) {
    result.failure = absl::StrCat("empty messages: sent ", state.empty_sent.load(), ", delivered ",
                                  result.empty);
  } else if (state.redeliveries.load() != 0) {
    result.failure =
        absl::StrCat(state.redeliveries.load(), " redelivered, and no participant died");
  } else {
    result.failure = LeftIn(options.work.queue.directory);
  }
  return result;
}

std::string Describe(const StressOptions& options, const StressResult& result) {
  return absl::StrFormat(
      "%d:%d %s, capacity %d, seed %d: %d messages and %d empty ones, %.1f MB, in %.2f s (%.2f "
      "million "
      "a second); %d given back, %d endpoints opened, found full %d times%s%s",
      options.publishers, options.subscribers, options.processes ? "processes" : "threads",
      options.work.queue.capacity, options.work.seed, result.delivered, result.empty,
      static_cast<double>(result.bytes) / 1e6, result.seconds,
      static_cast<double>(result.delivered + result.empty) / 1e6 / result.seconds,
      result.given_back, result.opened, result.found_full,
      result.failure.empty() ? "" : "; FAILED: ", result.failure);
}

std::string LeftIn(const std::string& directory) {
  std::string left;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    absl::StrAppend(&left, left.empty() ? "left in the directory: " : ", ",
                    entry.path().filename().string());
  }
  return left;
}

uint64_t SeedFromEnvironment() {
  if (const char* given = getenv("INTERPROCESS_SEED")) return strtoull(given, nullptr, 10);
  return static_cast<uint64_t>(NowNanos()) % 1'000'000'007;
}

std::string MakeQueueDirectory() {
  // A test's own folder may lie on a disk; queues live in memory where there is such a place.
  const bool memory = access("/dev/shm", W_OK) == 0;
  const char* given = getenv("TEST_TMPDIR");
  std::string path = absl::StrCat(memory             ? "/dev/shm"
                                  : given != nullptr ? given
                                                     : "/tmp",
                                  "/interprocess-test-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    perror(path.c_str());
    abort();
  }
  return path;
}

void RemoveQueueDirectory(const std::string& directory) {
  std::error_code ignored;
  std::filesystem::remove_all(directory, ignored);
}

uint64_t Scaled(uint64_t count) {
  if (getenv("INTERPROCESS_EMULATOR") != nullptr) return count / 32;
#if defined(__SANITIZE_THREAD__)
  return count / 8;
#elif defined(__SANITIZE_ADDRESS__)
  return count / 4;
#else
  return count;
#endif
}

}  // namespace interprocess::stress
