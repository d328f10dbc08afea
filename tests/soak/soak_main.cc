// SPDX-License-Identifier: MIT

// The long form: see --help.

#include <stdio.h>

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/time/time.h"
#include "tests/soak/soak.h"
#include "tests/stress/stress.h"

ABSL_FLAG(absl::Duration, time, absl::Minutes(15), "how long");
ABSL_FLAG(uint32_t, publishers, 3, "how many publish");
ABSL_FLAG(uint32_t, subscribers, 3, "how many take");
ABSL_FLAG(int, disturbances, 1000, "kills and stops for each queue; then the next is made");
ABSL_FLAG(uint64_t, seed, 0, "of a run that is to be repeated; 0: a new one");

int main(int argc, char** argv) {
  namespace soak = interprocess::soak;
  namespace stress = interprocess::stress;
  absl::SetProgramUsageMessage(
      "sends messages from many to many, kills, stops and replaces the workers, and accounts for "
      "every message");
  absl::ParseCommandLine(argc, argv);
  soak::SoakOptions options;
  options.directory = stress::MakeQueueDirectory();
  options.publishers = absl::GetFlag(FLAGS_publishers);
  options.subscribers = absl::GetFlag(FLAGS_subscribers);
  options.disturbances = absl::GetFlag(FLAGS_disturbances);
  const uint64_t seed = absl::GetFlag(FLAGS_seed);
  options.seed = seed != 0 ? seed : stress::SeedFromEnvironment();
  const int64_t time = absl::ToInt64Nanoseconds(absl::GetFlag(FLAGS_time));
  const soak::SoakResult result = soak::RunSoak(
      options, [time](const soak::SoakFigures& so_far) { return so_far.nanos >= time; },
      [](const std::string& line) {
        printf("%s\n", line.c_str());
        fflush(stdout);
      });
  printf("%s\nseed %llu, %s%s\n", result.figures.Describe().c_str(),
         static_cast<unsigned long long>(options.seed),
         result.failure.empty() ? "all is well" : "FAILED: ", result.failure.c_str());
  stress::RemoveQueueDirectory(options.directory);
  return result.failure.empty() ? 0 : 1;
}
