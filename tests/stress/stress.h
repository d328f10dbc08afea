// SPDX-License-Identifier: MIT

// Publishers and subscribers under load, and the proof that every message came once, whole and in
// order.

#ifndef INTERPROCESS_TESTS_STRESS_STRESS_H_
#define INTERPROCESS_TESTS_STRESS_STRESS_H_

#include <cstdint>
#include <string>

#include "tests/stress/workers.h"

namespace interprocess::stress {

struct StressOptions {
  WorkOptions work;
  uint32_t publishers = 4;
  uint32_t subscribers = 4;
  uint64_t messages = 1'000'000;  // with an id, by all publishers together
  bool processes = true;          // else threads of this one
  // Switches between free running, slow publishers and slow subscribers, so that each side sleeps.
  bool change_pace = false;
  int64_t patience_ns = 60'000'000'000;  // without any message delivered: that hangs
};

struct StressResult {
  std::string failure;  // empty: all is well
  uint64_t delivered = 0;
  uint64_t empty = 0;
  uint64_t bytes = 0;
  uint64_t given_back = 0;
  uint64_t opened = 0;
  uint64_t found_full = 0;
  double seconds = 0;
};

// Processes are forked from this one, which must have one thread and no endpoint open.
StressResult RunStress(const StressOptions& options);

// One line to read.
std::string Describe(const StressOptions& options, const StressResult& result);

// The queue's directory has no file left: none of a queue, none with a temporary name.
std::string LeftIn(const std::string& directory);

// The seed of this run: of the environment (INTERPROCESS_SEED), or new.
uint64_t SeedFromEnvironment();

// Makes an empty directory for queues below the test's own, or below the default one.
std::string MakeQueueDirectory();
void RemoveQueueDirectory(const std::string& directory);

// What a sanitizer, or an emulator of another processor, leaves of a count.
uint64_t Scaled(uint64_t count);

}  // namespace interprocess::stress

#endif  // INTERPROCESS_TESTS_STRESS_STRESS_H_
