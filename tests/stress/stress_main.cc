// SPDX-License-Identifier: MIT

// The long form: see --help.

#include <stdio.h>

#include <cstdint>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "tests/stress/stress.h"

ABSL_FLAG(uint32_t, publishers, 4, "how many publish");
ABSL_FLAG(uint32_t, subscribers, 4, "how many take");
ABSL_FLAG(uint64_t, messages, 10'000'000, "how many messages, in all");
ABSL_FLAG(int64_t, capacity, 1 << 20, "of the queue, in bytes");
ABSL_FLAG(uint32_t, max_size, 256, "of ordinary messages, in bytes");
ABSL_FLAG(bool, huge, true, "with a few messages of up to the queue's capacity");
ABSL_FLAG(int, reopen_every, 2000, "steps between two openings of an endpoint; 0: never");
ABSL_FLAG(bool, threads, false, "threads of one process instead of processes");
ABSL_FLAG(bool, change_pace, false, "make each side sleep in turn");
ABSL_FLAG(uint64_t, seed, 0, "of a run that is to be repeated; 0: a new one");

int main(int argc, char** argv) {
  namespace stress = interprocess::stress;
  absl::SetProgramUsageMessage("sends messages from many to many, and checks each of them");
  absl::ParseCommandLine(argc, argv);
  stress::StressOptions options;
  options.publishers = absl::GetFlag(FLAGS_publishers);
  options.subscribers = absl::GetFlag(FLAGS_subscribers);
  options.messages = absl::GetFlag(FLAGS_messages);
  options.processes = !absl::GetFlag(FLAGS_threads);
  options.change_pace = absl::GetFlag(FLAGS_change_pace);
  options.work.queue.name = "stress";
  options.work.queue.directory = stress::MakeQueueDirectory();
  options.work.queue.capacity = absl::GetFlag(FLAGS_capacity);
  options.work.max_size = absl::GetFlag(FLAGS_max_size);
  options.work.some_huge = absl::GetFlag(FLAGS_huge);
  options.work.reopen_every = absl::GetFlag(FLAGS_reopen_every);
  const uint64_t seed = absl::GetFlag(FLAGS_seed);
  options.work.seed = seed != 0 ? seed : stress::SeedFromEnvironment();
  stress::StressResult result = stress::RunStress(options);
  printf("%s\n", stress::Describe(options, result).c_str());
  stress::RemoveQueueDirectory(options.work.queue.directory);
  return result.failure.empty() ? 0 : 1;
}
