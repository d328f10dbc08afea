// SPDX-License-Identifier: MIT

#include "core/platform/word_pair.h"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace interprocess::platform {
namespace {

struct alignas(16) Words {
  std::atomic<int64_t> first{0};
  std::atomic<int64_t> second{0};
  std::atomic<int64_t> behind{7};
};

TEST(WordPairTest, IsExchangedIfBothAreAsExpected) {
  Words words;
  EXPECT_TRUE(CompareExchangePair(words.first, {0, 0}, {INT64_MIN, INT64_MAX}));
  EXPECT_EQ(words.first, INT64_MIN);
  EXPECT_EQ(words.second, INT64_MAX);
  EXPECT_TRUE(CompareExchangePair(words.first, {INT64_MIN, INT64_MAX}, {1, 2}));
  EXPECT_FALSE(CompareExchangePair(words.first, {1, 3}, {4, 5}));
  EXPECT_FALSE(CompareExchangePair(words.first, {2, 2}, {4, 5}));
  EXPECT_FALSE(CompareExchangePair(words.first, {2, 1}, {4, 5}));
  EXPECT_EQ(words.first, 1);
  EXPECT_EQ(words.second, 2);
  EXPECT_EQ(words.behind, 7);
}

// Threads that add to the second word only where the first, to which another adds alone, is as they
// saw it: no addition of either kind is lost.
TEST(WordPairTest, IsOneStepBesideChangesOfOneWord) {
  constexpr int kTimes = 20'000;
  Words words;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&words] {
      for (int done = 0; done < kTimes;) {
        const int64_t second = words.second.load(std::memory_order_acquire);
        const int64_t first = words.first.load(std::memory_order_acquire);
        if (CompareExchangePair(words.first, {first, second}, {first, second + 1})) ++done;
      }
    });
  }
  for (int i = 0; i < kTimes; ++i) words.first.fetch_add(1, std::memory_order_acq_rel);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(words.first, kTimes);
  EXPECT_EQ(words.second, 3 * kTimes);
}

}  // namespace
}  // namespace interprocess::platform
