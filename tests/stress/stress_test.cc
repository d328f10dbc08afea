// SPDX-License-Identifier: MIT

// Every message comes once, whole and in order, whatever the mix of calls, sizes and openings.

#include "tests/stress/stress.h"

#include <stdio.h>

#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace interprocess::stress {
namespace {

#ifdef INTERPROCESS_STRESS_THREADS
constexpr bool kProcesses = false;
#else
constexpr bool kProcesses = true;
#endif

class StressTest : public ::testing::Test {
 protected:
  StressTest() {
    options_.processes = kProcesses;
    options_.work.seed = SeedFromEnvironment();
    options_.work.queue.name = "stress";
    options_.work.queue.directory = directory_;
    options_.work.queue.max_participants = 64;
  }
  ~StressTest() override { RemoveQueueDirectory(directory_); }

  void Run(uint64_t messages) {
    options_.messages = Scaled(kProcesses ? messages : messages / 4);
    StressResult result = RunStress(options_);
    printf("%s\n", Describe(options_, result).c_str());
    EXPECT_EQ(result.failure, "") << "INTERPROCESS_SEED=" << options_.work.seed;
  }

  const std::string directory_ = MakeQueueDirectory();
  StressOptions options_;
};

TEST_F(StressTest, FourToFourDeliversEachMessageOnceInOrder) {
  options_.work.queue.capacity = 1 << 20;
  options_.work.max_size = 256;
  options_.work.some_huge = false;
  Run(2'000'000);
}

TEST_F(StressTest, SmallestQueueThatAlwaysWraps) {
  options_.work.queue.capacity = 4096;
  options_.work.max_size = 1024;
  Run(1'000'000);
}

TEST_F(StressTest, LargeMessagesInASmallQueue) {
  options_.work.queue.capacity = 1 << 16;
  options_.work.max_size = 8192;
  Run(400'000);
}

TEST_F(StressTest, BothSidesSleepInTurn) {
  options_.work.queue.capacity = 16384;
  options_.work.max_size = 2048;
  options_.change_pace = true;
  Run(100'000);
}

TEST_F(StressTest, EndpointsComeAndGo) {
  options_.work.queue.capacity = 16384;
  options_.work.max_size = 512;
  options_.work.reopen_every = 20;
  Run(60'000);
}

TEST_F(StressTest, ManyPublishersOneSubscriber) {
  options_.publishers = 6;
  options_.subscribers = 1;
  options_.work.queue.capacity = 8192;
  options_.work.max_size = 256;
  Run(100'000);
}

TEST_F(StressTest, OnePublisherManySubscribers) {
  options_.publishers = 1;
  options_.subscribers = 6;
  options_.work.queue.capacity = 8192;
  options_.work.max_size = 256;
  Run(100'000);
}

TEST_F(StressTest, OneToOne) {
  options_.publishers = 1;
  options_.subscribers = 1;
  options_.work.queue.capacity = 1 << 18;
  options_.work.max_size = 4096;
  Run(200'000);
}

}  // namespace
}  // namespace interprocess::stress
