// SPDX-License-Identifier: MIT

// A directory of queues for one test.

#ifndef INTERPROCESS_TESTING_TEST_DIRECTORY_H_
#define INTERPROCESS_TESTING_TEST_DIRECTORY_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "interprocess/queue_options.h"

namespace interprocess::testing {

// Made by the constructor, empty, below GoogleTest's directory for temporary files; removed with
// all that is in it by the destructor. No other test and no other process uses its queues, unless
// it is given their options. Thread-safe.
//
//   TestDirectory directory;
//   Publisher publisher = Publisher::Open(directory.Options("orders")).value();
class TestDirectory {
 public:
  TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  ~TestDirectory();

  const std::string& path() const { return path_; }
  // The file of a native queue, written as error texts name it.
  std::string FileOf(const std::string& name) const;
  bool Has(const std::string& name) const;
  // The options of a small queue in it, of `capacity` bytes and 16 participants.
  QueueOptions Options(const std::string& name = "queue", int64_t capacity = 4096) const;

 private:
  std::string path_;
};

// Looks until `condition` holds; false if it does not within half a minute.
bool Eventually(absl::FunctionRef<bool()> condition);

}  // namespace interprocess::testing

#endif  // INTERPROCESS_TESTING_TEST_DIRECTORY_H_
