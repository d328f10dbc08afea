// SPDX-License-Identifier: MIT

// The protocols that the conformance tests run on, and what they need of each.

#ifndef INTERPROCESS_TESTS_CONFORMANCE_ENGINE_UNDER_TEST_H_
#define INTERPROCESS_TESTS_CONFORMANCE_ENGINE_UNDER_TEST_H_

#include <cstdint>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/cloudtoid/location.h"
#include "core/platform/semaphore.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::conformance {

struct EngineUnderTest {
  const char* name;
  Protocol protocol;
  int64_t message_overhead;  // what a message takes of the capacity beside its bytes
  bool reservation_holds_room;
};

// A protocol more is a line more.
inline constexpr EngineUnderTest kEngines[] = {
    {"Native", Protocol::kNative, 0, true},
    {"Cloudtoid2", Protocol::kCloudtoidV2, 8, false},
    {"Cloudtoid3", Protocol::kCloudtoidV3, 8, false},
    {"Cloudtoid2Fork", Protocol::kCloudtoidV2Fork, 8, false},
};

// Why a protocol cannot show a case; empty if it can. What such a call answers instead is tested in
// tests/cloudtoid.
inline std::string WhyNotApplicable(absl::string_view test, Protocol protocol) {
  std::ifstream list("tests/conformance/not_applicable.txt");
  EXPECT_TRUE(list.is_open());
  std::string number, name, reason;
  while (list >> number >> name && std::getline(list >> std::ws, reason)) {
    if (name == ProtocolName(protocol) && absl::StartsWith(test, number)) return reason;
  }
  return "";
}

// Whether queues of one name in two directories are two; Windows' queues of the other formats are
// found by their name alone.
inline bool DirectoriesTell(Protocol protocol) {
  return protocol == Protocol::kNative || cloudtoid::LocationOf("q", "a", protocol).path !=
                                              cloudtoid::LocationOf("q", "b", protocol).path;
}

class ConformanceTest : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  static constexpr int64_t kCapacity = 4096;

  void SetUp() override {
    const absl::string_view test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    const std::string reason = WhyNotApplicable(test, GetParam().protocol);
    if (!reason.empty()) GTEST_SKIP() << "not of " << GetParam().name << ": " << reason;
    if (absl::StartsWith(test, "C049") && !DirectoriesTell(GetParam().protocol)) {
      GTEST_SKIP() << "not of " << GetParam().name << ": the format has no directories here";
    }
  }

  // Nobody else removes the fork's.
  void TearDown() override {
    if (GetParam().protocol == Protocol::kCloudtoidV2Fork) {
      platform::NamedSemaphore::Remove(absl::StrCat("ct.ip.", Options().name)).IgnoreError();
    }
  }

  // The largest message that an empty queue takes.
  static size_t Largest() { return static_cast<size_t>(kCapacity - GetParam().message_overhead); }

  QueueOptions Options() const { return OptionsIn(directory_); }
  static QueueOptions OptionsIn(const testing::TestDirectory& directory) {
    QueueOptions options;
    options.name = "queue";
    // Their semaphore's name is the queue's, whatever the directory. A process id would not do: in
    // a sandbox other processes have the same.
    if (GetParam().protocol != Protocol::kNative) {
      options.name += directory.path().substr(directory.path().find_last_of("/\\") + 1);
    }
    options.directory = directory.path();
    options.capacity = kCapacity;
    options.protocol = GetParam().protocol;
    return options;
  }
  Publisher OpenPublisher() const { return Publisher::Open(Options()).value(); }
  Subscriber OpenSubscriber() const { return Subscriber::Open(Options()).value(); }
  bool HasQueue() const {
    QueueOptions options = Options();
    options.mode = OpenMode::kOpenExisting;
    return Subscriber::Open(options).ok();
  }

  testing::TestDirectory directory_;
};

// `size` bytes that tell it from other messages and places.
inline std::string Text(size_t size, int seed = 0) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(seed * 31 + i * 7 + i / 251);
  return text;
}

#define EXPECT_STATUS(status, expected)                                     \
  do {                                                                      \
    const absl::Status got_status = (status);                               \
    EXPECT_EQ(got_status.code(), absl::StatusCode::expected) << got_status; \
  } while (false)

#define RUN_ON_ALL_ENGINES(fixture)                                                            \
  INSTANTIATE_TEST_SUITE_P(                                                                    \
      Engines, fixture, ::testing::ValuesIn(::interprocess::conformance::kEngines),            \
      [](const ::testing::TestParamInfo<::interprocess::conformance::EngineUnderTest>& info) { \
        return info.param.name;                                                                \
      })

}  // namespace interprocess::conformance

#endif  // INTERPROCESS_TESTS_CONFORMANCE_ENGINE_UNDER_TEST_H_
