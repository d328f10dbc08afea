// SPDX-License-Identifier: MIT

// Cloudtoid queues as files, used by every call.

#ifndef INTERPROCESS_TESTS_FUZZ_CLOUDTOID_FILES_H_
#define INTERPROCESS_TESTS_FUZZ_CLOUDTOID_FILES_H_

#include <string>

#include "tests/fuzz/cloudtoid_image.h"
#include "tests/fuzz/image_change.h"
#include "tests/fuzz/input.h"

namespace interprocess::fuzz {

// One for the whole process: a directory for them.
class CloudtoidFiles {
 public:
  CloudtoidFiles();
  CloudtoidFiles(const CloudtoidFiles&) = delete;
  CloudtoidFiles& operator=(const CloudtoidFiles&) = delete;
  ~CloudtoidFiles();

  // Version 2 is the fork's as well.
  void Run(const CloudtoidImage& image, Racer& racer, Input input) const;

 private:
  std::string directory_;
};

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_CLOUDTOID_FILES_H_
