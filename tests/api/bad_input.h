// SPDX-License-Identifier: MIT

// Every call that takes a name and a directory, for what is to be refused by all.

#ifndef INTERPROCESS_TESTS_API_BAD_INPUT_H_
#define INTERPROCESS_TESTS_API_BAD_INPUT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/native/testing/file_queue.h"

namespace interprocess {

struct NamedCall {
  std::string name;
  std::function<absl::Status(const QueueOptions&)> call;
};

inline std::vector<NamedCall> CallsWithName() {
  return {
      {"Publisher::Open", [](const QueueOptions& o) { return Publisher::Open(o).status(); }},
      {"Subscriber::Open", [](const QueueOptions& o) { return Subscriber::Open(o).status(); }},
      {"QueueInspector::Open",
       [](const QueueOptions& o) { return QueueInspector::Open(o.name, o.directory).status(); }},
      {"RemoveQueue", [](const QueueOptions& o) { return RemoveQueue(o.name, o.directory); }},
  };
}

inline void ExpectError(const absl::Status& status, absl::StatusCode code,
                        const std::string& words) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), words)) << status << "\nlacks: " << words;
}

class BadInputTest : public ::testing::Test {
 protected:
  testing::TestDirectory directory_;
  QueueOptions options_ = directory_.Options();
};

}  // namespace interprocess

#endif  // INTERPROCESS_TESTS_API_BAD_INPUT_H_
