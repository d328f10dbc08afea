// SPDX-License-Identifier: MIT

// What every backend of named semaphores shows.

#include <atomic>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "core/platform/clock.h"
#include "core/platform/process.h"
#include "core/platform/semaphore.h"
#include "gtest/gtest.h"
#include "tests/platform/child_process.h"

namespace interprocess::platform {
namespace {

using ::interprocess::testing::ChildProcess;
using ::interprocess::testing::Eventually;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kLong = 600 * kSecond;  // longer than any test may take

SemaphoreOptions How(SemaphoreOpen open, uint32_t initial_value = 0) {
  SemaphoreOptions options;
  options.open = open;
  options.initial_value = initial_value;
  return options;
}

NamedSemaphore OpenExisting(const std::string& name) {
  return NamedSemaphore::Open(name, How(SemaphoreOpen::kOpenExisting)).value();
}

// Takes a permit of semaphore [0]; says 'r' before and 'p' after, 't' if time ran out.
CHILD_ROLE(Taker) {
  NamedSemaphore semaphore = OpenExisting(arguments[0]);
  parent.Say('r');
  auto had = semaphore.Wait(kLong);
  CHILD_CHECK(had.ok());
  parent.Say(*had ? 'p' : 't');
  return 0;
}

// Answers each permit of semaphore [0] with one of [1], [2] times.
CHILD_ROLE(Echo) {
  NamedSemaphore in = OpenExisting(arguments[0]);
  NamedSemaphore out = OpenExisting(arguments[1]);
  for (int rounds = std::stoi(arguments[2]); rounds > 0; --rounds) {
    auto had = in.Wait(kLong);
    CHILD_CHECK(had.ok() && *had);
    CHILD_CHECK(out.Post().ok());
  }
  return 0;
}

class SemaphoreContractTest : public ::testing::Test {
 protected:
  ~SemaphoreContractTest() override {
    for (const std::string& name : names_) NamedSemaphore::Remove(name).IgnoreError();
  }

  // A name that nothing has; what gets it is removed after the test.
  const std::string& NewName() {
    std::string unique = std::to_string(RandomWord());
    names_.push_back("ipqtest" + unique.substr(0, kPortableSemaphoreNameLength - 8) +
                     std::to_string(names_.size()));
    return names_.back();
  }

  std::pair<std::string, NamedSemaphore> Make(uint32_t initial_value = 0) {
    const std::string name = NewName();
    return {name,
            NamedSemaphore::Open(name, How(SemaphoreOpen::kCreateNew, initial_value)).value()};
  }

 private:
  std::vector<std::string> names_;
};

int Drain(const NamedSemaphore& semaphore) {
  int permits = 0;
  while (semaphore.TryWait()) ++permits;
  return permits;
}

TEST_F(SemaphoreContractTest, StartsWithItsInitialValue) {
  EXPECT_EQ(Drain(Make(0).second), 0);
  EXPECT_EQ(Drain(Make(3).second), 3);
}

TEST_F(SemaphoreContractTest, PostsAreTakenOnceEach) {
  auto [name, semaphore] = Make();
  NamedSemaphore other = OpenExisting(name);
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_TRUE(other.Post().ok());
  EXPECT_TRUE(*semaphore.Wait(kLong));
  EXPECT_TRUE(other.TryWait());
  EXPECT_FALSE(semaphore.TryWait());
  EXPECT_FALSE(other.TryWait());
}

TEST_F(SemaphoreContractTest, ValueCountsThePermits) {
  auto [name, semaphore] = Make(2);
  auto value = semaphore.Value();
  if (absl::IsUnimplemented(value.status())) return;  // said by the header for one system
  EXPECT_EQ(*value, 2);
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_EQ(*semaphore.Value(), 3);
  EXPECT_TRUE(semaphore.TryWait());
  EXPECT_EQ(*OpenExisting(name).Value(), 2);
}

TEST_F(SemaphoreContractTest, OneThatExistsKeepsItsValue) {
  auto [name, semaphore] = Make(1);
  auto again = NamedSemaphore::Open(name, How(SemaphoreOpen::kOpenOrCreate, 5));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Drain(*again), 1);
}

TEST_F(SemaphoreContractTest, OpenOrCreateMakesWhatIsMissing) {
  auto made = NamedSemaphore::Open(NewName(), How(SemaphoreOpen::kOpenOrCreate, 5));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(Drain(*made), 5);
}

TEST_F(SemaphoreContractTest, CreateNewRefusesOneThatExists) {
  auto [name, semaphore] = Make();
  const absl::Status refused = NamedSemaphore::Open(name, How(SemaphoreOpen::kCreateNew)).status();
  EXPECT_TRUE(absl::IsAlreadyExists(refused)) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), name)) << refused;
}

TEST_F(SemaphoreContractTest, OpenExistingRefusesOneThatIsMissing) {
  const std::string name = NewName();
  const absl::Status refused =
      NamedSemaphore::Open(name, How(SemaphoreOpen::kOpenExisting)).status();
  EXPECT_TRUE(absl::IsNotFound(refused)) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), name)) << refused;
}

TEST_F(SemaphoreContractTest, NamesThatCannotBeAreRefused) {
  const std::string too_long(kMaxSemaphoreNameLength + 1, 'n');
  for (const std::string& name :
       {std::string(), std::string("a/b"), std::string("/a"), std::string("a\0b", 3), too_long}) {
    EXPECT_TRUE(absl::IsInvalidArgument(NamedSemaphore::Open(name, {}).status())) << name;
    EXPECT_FALSE(NamedSemaphore::Remove(name).ok()) << name;
  }
}

TEST_F(SemaphoreContractTest, LongestNameWorks) {
  EXPECT_GE(kMaxSemaphoreNameLength, kPortableSemaphoreNameLength);
  std::string longest = NewName();
  longest.resize(kMaxSemaphoreNameLength, 'n');
  auto made = NamedSemaphore::Open(longest, How(SemaphoreOpen::kCreateNew, 1));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(Drain(OpenExisting(longest)), 1);
  EXPECT_TRUE(NamedSemaphore::Remove(longest).ok());
}

TEST_F(SemaphoreContractTest, InitialValueBeyondTheLimitIsRefused) {
  const absl::Status refused =
      NamedSemaphore::Open(NewName(), How(SemaphoreOpen::kCreateNew, kMaxSemaphoreInitialValue + 1))
          .status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_TRUE(absl::StrContains(refused.message(), "2147483648")) << refused;
}

TEST_F(SemaphoreContractTest, PostAtTheMaximumIsNoFailure) {
  auto [name, semaphore] = Make(kMaxSemaphoreInitialValue);
  for (int i = 0; i < 3; ++i) {
    const absl::Status posted = semaphore.Post();
    EXPECT_TRUE(posted.ok()) << posted;
  }
  EXPECT_TRUE(semaphore.TryWait());
}

TEST_F(SemaphoreContractTest, TimeoutIsHonoured) {
  auto [name, semaphore] = Make();
  for (const int64_t timeout : {int64_t{1}, int64_t{1'000'000}, int64_t{50'000'000}}) {
    const int64_t start = MonotonicNanos();
    EXPECT_FALSE(*semaphore.Wait(timeout));
    const int64_t waited = MonotonicNanos() - start;
    EXPECT_GE(waited, timeout);
    EXPECT_LT(waited, timeout + 60 * kSecond);
  }
}

TEST_F(SemaphoreContractTest, NoTimeMeansNoWait) {
  auto [name, semaphore] = Make(1);
  EXPECT_TRUE(*semaphore.Wait(0));
  const int64_t start = MonotonicNanos();
  EXPECT_FALSE(*semaphore.Wait(0));
  EXPECT_FALSE(*semaphore.Wait(-1));
  EXPECT_FALSE(*semaphore.Wait(std::numeric_limits<int64_t>::min()));
  EXPECT_LT(MonotonicNanos() - start, 60 * kSecond);
}

TEST_F(SemaphoreContractTest, EndlessWaitEndsWithAPost) {
  auto [name, semaphore] = Make();
  std::atomic<bool> had{false};
  std::thread taker(
      [&, waited = &semaphore] { had.store(*waited->Wait(std::numeric_limits<int64_t>::max())); });
  EXPECT_TRUE(semaphore.Post().ok());
  taker.join();
  EXPECT_TRUE(had.load());
}

TEST_F(SemaphoreContractTest, WakesAnotherProcess) {
  auto [name, semaphore] = Make();
  ChildProcess taker = ChildProcess::Run("Taker", {name});
  ASSERT_EQ(taker.Hear(), 'r');
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_EQ(taker.Hear(), 'p');
}

TEST_F(SemaphoreContractTest, EachPostWakesOneProcess) {
  auto [name, semaphore] = Make();
  ChildProcess one = ChildProcess::Run("Taker", {name});
  ChildProcess two = ChildProcess::Run("Taker", {name});
  ASSERT_EQ(one.Hear(), 'r');
  ASSERT_EQ(two.Hear(), 'r');
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_EQ(one.Hear(), 'p');
  EXPECT_EQ(two.Hear(), 'p');
  EXPECT_FALSE(semaphore.TryWait());
}

// A permit lost once would stop both for ever.
TEST_F(SemaphoreContractTest, NoPermitIsLost) {
  constexpr int kRounds = 10'000;
  auto [there_name, there] = Make();
  auto [back_name, back] = Make();
  ChildProcess echo = ChildProcess::Run("Echo", {there_name, back_name, std::to_string(kRounds)});
  for (int round = 0; round < kRounds; ++round) {
    ASSERT_TRUE(there.Post().ok());
    ASSERT_TRUE(*back.Wait(60 * kSecond)) << round;
  }
  EXPECT_EQ(echo.Wait(), 0);
  EXPECT_FALSE(back.TryWait());
}

TEST_F(SemaphoreContractTest, OutlivesAKilledTaker) {
  auto [name, semaphore] = Make();
  ChildProcess taker = ChildProcess::Run("Taker", {name});
  ASSERT_EQ(taker.Hear(), 'r');
  taker.Kill();
  taker.Wait();
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_TRUE(*semaphore.Wait(kLong));
}

TEST_F(SemaphoreContractTest, WorksOnAmongItsUsersWhenItIsRemoved) {
  auto [name, semaphore] = Make();
  ChildProcess taker = ChildProcess::Run("Taker", {name});
  ASSERT_EQ(taker.Hear(), 'r');
  EXPECT_TRUE(NamedSemaphore::Remove(name).ok());
  EXPECT_TRUE(semaphore.Post().ok());
  EXPECT_EQ(taker.Hear(), 'p');
}

TEST_F(SemaphoreContractTest, MovedOneIsTheSame) {
  auto [name, semaphore] = Make(1);
  NamedSemaphore moved = std::move(semaphore);
  EXPECT_FALSE(semaphore.is_open());
  EXPECT_TRUE(moved.TryWait());
  auto [other_name, other] = Make(1);
  moved = std::move(other);
  EXPECT_EQ(moved.name(), other_name);
  EXPECT_TRUE(moved.TryWait());
  moved.Close();
  EXPECT_FALSE(moved.is_open());
}

}  // namespace
}  // namespace interprocess::platform
