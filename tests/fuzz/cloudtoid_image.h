// SPDX-License-Identifier: MIT

// Images that the real libraries made of Cloudtoid queues, and changes of them that go deep.

#ifndef INTERPROCESS_TESTS_FUZZ_CLOUDTOID_IMAGE_H_
#define INTERPROCESS_TESTS_FUZZ_CLOUDTOID_IMAGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/fuzz/image_change.h"
#include "tests/fuzz/input.h"

namespace interprocess::fuzz {

struct CloudtoidImage {
  int version;  // 2 or 3
  int64_t capacity;
  int64_t ring_offset;
  std::string bytes;
};

// Of tests/interop/images, from where Bazel runs it. In the files' order.
std::vector<CloudtoidImage> ReadCloudtoidImages();

// So many bytes of the header are changed: without most of the publishers' slots in version 3.
uint64_t ChangedHeader(const CloudtoidImage& image);

// A store to an offset, a participant, a record's header; or anywhere in these and the ring.
Change ChooseChange(const CloudtoidImage& image, Input& input);
std::vector<Change> ChooseChanges(const CloudtoidImage& image, Input& input);

}  // namespace interprocess::fuzz

#endif  // INTERPROCESS_TESTS_FUZZ_CLOUDTOID_IMAGE_H_
