// The protocols that the conformance tests run on, and what they need of each.

#ifndef INTERPROCESS_TESTS_CONFORMANCE_ENGINE_UNDER_TEST_H_
#define INTERPROCESS_TESTS_CONFORMANCE_ENGINE_UNDER_TEST_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess::conformance {

struct EngineUnderTest {
  const char* name;
  Protocol protocol;
};

// A protocol more is a line more.
inline constexpr EngineUnderTest kEngines[] = {
    {"Native", Protocol::kNative},
};

class ConformanceTest : public ::testing::TestWithParam<EngineUnderTest> {
 protected:
  static constexpr int64_t kCapacity = 4096;

  QueueOptions Options() const { return OptionsIn(directory_); }
  static QueueOptions OptionsIn(const testing::TestDirectory& directory) {
    QueueOptions options;
    options.name = "queue";
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
