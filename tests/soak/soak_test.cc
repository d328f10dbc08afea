// SPDX-License-Identifier: MIT

// The soak in small: a fixed number of kills and stops, however long they take.

#include "tests/soak/soak.h"

#include <stdio.h>

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "tests/stress/stress.h"

namespace interprocess::soak {
namespace {

TEST(SoakTest, EveryMessageIsAccountedFor) {
  SoakOptions options;
  options.directory = stress::MakeQueueDirectory();
  options.seed = stress::SeedFromEnvironment();
  options.disturbances = static_cast<int>(stress::Scaled(150));
  const SoakResult result = RunSoak(
      options,
      // Every kind of disturbance, and all the ends of a queue.
      [&](const SoakFigures& so_far) {
        return so_far.chapters >= 3 && so_far.killed >= stress::Scaled(300) &&
               so_far.killed_all >= 1 && so_far.stopped >= stress::Scaled(100);
      },
      [](const std::string& line) { printf("%s\n", line.c_str()); });
  printf("%s\n", result.figures.Describe().c_str());
  EXPECT_EQ(result.failure, "") << "INTERPROCESS_SEED=" << options.seed;
  EXPECT_GT(result.figures.delivered, 0u);
  stress::RemoveQueueDirectory(options.directory);
}

}  // namespace
}  // namespace interprocess::soak
