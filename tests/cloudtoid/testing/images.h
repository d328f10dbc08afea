// SPDX-License-Identifier: MIT

// The images that the real libraries made, with what their manifests say of them.

#ifndef INTERPROCESS_TESTS_CLOUDTOID_TESTING_IMAGES_H_
#define INTERPROCESS_TESTS_CLOUDTOID_TESTING_IMAGES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace interprocess::cloudtoid::testing {

struct Operation {
  enum Kind { kEnqueue, kDequeue, kAttachSubscriber };
  Kind kind;
  size_t size = 0;     // of the message that goes in
  std::string result;  // "full", or the size that came out
};

struct Image {
  std::string file;
  int64_t capacity = 0;
  std::string bytes;
  // Scripted images.
  std::vector<Operation> operations;
  std::vector<std::string> remaining;  // messages
  int64_t semaphore = 0;
};

// `version` is 2 or 3. The test fails if they cannot be read.
std::vector<Image> ScriptedImages(int version);
std::vector<Image> CrashImages(int version);

// What the generator put into message `index`.
std::string GeneratedMessage(uint64_t index, size_t size);

}  // namespace interprocess::cloudtoid::testing

#endif  // INTERPROCESS_TESTS_CLOUDTOID_TESTING_IMAGES_H_
