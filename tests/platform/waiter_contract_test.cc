// SPDX-License-Identifier: MIT

// What every backend of waiting shows.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/mapped_file.h"
#include "core/platform/waiter.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"
#include "tests/platform/scratch_directory.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Eventually;
using ::interprocess::testing::ScratchDirectory;

constexpr char kName[] = "words";
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLong = 600 * kSecond;  // longer than any test may take

// Two words of a file in memory, on lines of their own.
class Words {
 public:
  Words(const Directory& directory, bool read_only)
      : file_(MappedFile::Map(directory.OpenFile(kName, read_only).value(), 4096, read_only)
                  .value()) {}

  std::atomic<uint32_t>& operator[](int index) const {
    return *reinterpret_cast<std::atomic<uint32_t>*>(file_.data() + 64 * index);
  }

 private:
  MappedFile file_;
};

// Sleeps once on word 0 while it is 0; says 'r' before and 'w' after.
CHILD_ROLE(Sleeper) {
  Words words(Directory::Open(arguments[0]).value(), arguments[1] == "read-only");
  parent.Say('r');
  WaitOnWord(words[0], 0, kLong);
  parent.Say('w');
  return 0;
}

// Answers every step of word 0 with a step of word 1.
CHILD_ROLE(Echo) {
  Words words(Directory::Open(arguments[0]).value(), false);
  const uint32_t rounds = static_cast<uint32_t>(std::stoul(arguments[1]));
  for (uint32_t round = 1; round <= rounds; ++round) {
    while (words[0].load() != round) WaitOnWord(words[0], round - 1, kLong);
    words[1].store(round);
    WakeAll(words[1]);
  }
  return 0;
}

class WaiterContractTest : public ::testing::Test {
 protected:
  ScratchDirectory directory_;
  File file_ = directory_.MakeFile(kName, 4096);
  Words words_{directory_.Open(), false};
};

TEST_F(WaiterContractTest, ChangedWordIsNotWaitedOn) {
  words_[0].store(1);
  const int64_t start = MonotonicNanos();
  WaitOnWord(words_[0], 0, kLong);
  EXPECT_LT(MonotonicNanos() - start, 60 * kSecond);
}

TEST_F(WaiterContractTest, NoTimeMeansNoWait) {
  const int64_t start = MonotonicNanos();
  WaitOnWord(words_[0], 0, 0);
  WaitOnWord(words_[0], 0, -1);
  WaitOnWord(words_[0], 0, -kLong);
  EXPECT_LT(MonotonicNanos() - start, 60 * kSecond);
}

TEST_F(WaiterContractTest, TimeoutIsHonoured) {
  for (const int64_t timeout : {int64_t{1}, int64_t{1'000'000}, int64_t{50'000'000}}) {
    const int64_t start = MonotonicNanos();
    WaitOnWord(words_[0], 0, timeout);
    const int64_t waited = MonotonicNanos() - start;
    EXPECT_GE(waited, timeout);
    EXPECT_LT(waited, timeout + 60 * kSecond);
  }
}

TEST_F(WaiterContractTest, WakingNobodyIsFine) {
  WakeAll(words_[0]);
  WakeOne(words_[0]);
}

TEST_F(WaiterContractTest, WakesAProcessThroughItsOwnMapping) {
  for (const char* mode : {"writable", "read-only"}) {
    ChildProcess sleeper = ChildProcess::Run("Sleeper", {directory_.path(), mode});
    ASSERT_EQ(sleeper.Hear(), 'r') << mode;
    // The word never changes: only the waking can end that sleep.
    EXPECT_TRUE(Eventually([&] {
      WakeAll(words_[0]);
      return sleeper.Hear(1) == 'w';
    })) << mode;
  }
}

TEST_F(WaiterContractTest, WakeAllWakesEveryProcess) {
  ChildProcess one = ChildProcess::Run("Sleeper", {directory_.path(), "writable"});
  ChildProcess two = ChildProcess::Run("Sleeper", {directory_.path(), "writable"});
  ASSERT_EQ(one.Hear(), 'r');
  ASSERT_EQ(two.Hear(), 'r');
  words_[0].store(1);
  WakeAll(words_[0]);
  EXPECT_EQ(one.Hear(), 'w');
  EXPECT_EQ(two.Hear(), 'w');
}

TEST_F(WaiterContractTest, WakeOneEachWakesAll) {
  std::atomic<int> awake{0};
  auto sleep = [&] {
    WaitOnWord(words_[0], 0, kLong);
    awake.fetch_add(1);
  };
  std::thread one(sleep);
  std::thread two(sleep);
  EXPECT_TRUE(Eventually([&] {
    WakeOne(words_[0]);
    return awake.load() == 2;
  }));
  words_[0].store(1);
  WakeAll(words_[0]);
  one.join();
  two.join();
}

TEST_F(WaiterContractTest, WakesThroughAnotherMappingOfTheSameProcess) {
  Words others(directory_.Open(), false);
  ASSERT_NE(&others[0], &words_[0]);
  std::atomic<bool> awake{false};
  std::thread sleeper([&] {
    WaitOnWord(others[0], 0, kLong);
    awake.store(true);
  });
  EXPECT_TRUE(Eventually([&] {
    WakeAll(words_[0]);
    return awake.load();
  }));
  words_[0].store(1);
  WakeAll(words_[0]);
  sleeper.join();
}

// A wake-up lost once would stop both for ever.
TEST_F(WaiterContractTest, NoWakeUpIsLost) {
  constexpr uint32_t kRounds = 10'000;
  ChildProcess echo = ChildProcess::Run("Echo", {directory_.path(), std::to_string(kRounds)});
  for (uint32_t round = 1; round <= kRounds; ++round) {
    words_[0].store(round);
    WakeAll(words_[0]);
    const int64_t start = MonotonicNanos();
    while (words_[1].load() != round) {
      WaitOnWord(words_[1], round - 1, 30 * kSecond);
      ASSERT_LT(MonotonicNanos() - start, 30 * kSecond) << "round " << round;
    }
  }
  EXPECT_EQ(echo.Wait(), 0);
}

}  // namespace
}  // namespace interprocess::platform
