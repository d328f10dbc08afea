// SPDX-License-Identifier: MIT

#include "tests/fuzz/cloudtoid_image.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/record.h"

namespace interprocess::fuzz {
namespace {

using cloudtoid::HeaderV2;
using cloudtoid::HeaderV3;

constexpr uint64_t kChangedPublishers = 4;

// One that a queue of this capacity may have, or nearly.
uint64_t Position(const CloudtoidImage& image, Input& input) {
  const uint8_t byte = input.Byte();
  if (byte >= 240) return input.Odd();
  const auto near = static_cast<uint64_t>(image.capacity) * (byte % 4);
  return near + (byte < 200 ? 8 * input.Below(static_cast<uint64_t>(image.capacity) / 8)
                            : input.Byte() - 128);
}

uint64_t RecordHeader(const CloudtoidImage& image, Input& input) {
  const uint8_t byte = input.Byte();
  const auto state = static_cast<cloudtoid::RecordState>(byte % 4);
  const uint64_t length =
      byte < 200 ? input.Below(static_cast<uint64_t>(image.capacity)) : input.Odd();
  return cloudtoid::RecordWord(state, static_cast<int32_t>(length));
}

Change ChangeOfHeader(const CloudtoidImage& image, Input& input) {
  if (image.version == 2) {
    const uint64_t fields[] = {offsetof(HeaderV2, read_offset), offsetof(HeaderV2, write_offset),
                               offsetof(HeaderV2, read_lock)};
    const uint64_t field = input.Below(3);
    return {fields[field], 8, field < 2 ? Position(image, input) : input.Odd()};
  }
  const uint64_t publisher = offsetof(HeaderV3, publishers) +
                             sizeof(cloudtoid::PublisherSlotV3) * input.Below(kChangedPublishers);
  switch (input.Byte() % 8) {
    case 0:
      return {offsetof(HeaderV3, read_offset), 8, Position(image, input)};
    case 1:
      return {offsetof(HeaderV3, write_offset), 8, Position(image, input)};
    case 2:
      return {offsetof(HeaderV3, reader), 8, input.Bool() ? input.Below(104) : input.Odd()};
    case 3:
      return {offsetof(HeaderV3, pending), 4, input.Odd()};
    case 4:
      return {offsetof(HeaderV3, last_participant), 4, input.Odd()};
    case 5:
      return {offsetof(HeaderV3, gate), 4, input.Below(3)};
    case 6:
      return {publisher + offsetof(cloudtoid::PublisherSlotV3, participant), 8, input.Below(104)};
    default:
      return {publisher + offsetof(cloudtoid::PublisherSlotV3, active), 4, input.Below(3)};
  }
}

}  // namespace

std::vector<CloudtoidImage> ReadCloudtoidImages() {
  std::vector<CloudtoidImage> images;
  for (const int version : {2, 3}) {
    const std::string folder = "tests/interop/images/cloudtoid" + std::to_string(version);
    std::vector<std::string> paths;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".bin") paths.push_back(entry.path().string());
    }
    FUZZ_CHECK(!paths.empty(), folder.c_str());
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      std::ifstream file(path, std::ios::binary);
      CloudtoidImage& image = images.emplace_back();
      image.bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
      image.version = version;
      image.ring_offset = version == 2 ? cloudtoid::kRingOffsetV2 : cloudtoid::kRingOffsetV3;
      image.capacity = static_cast<int64_t>(image.bytes.size()) - image.ring_offset;
      FUZZ_CHECK(image.capacity > 16 && image.capacity % 8 == 0, path.c_str());
    }
  }
  return images;
}

uint64_t ChangedHeader(const CloudtoidImage& image) {
  if (image.version == 2) return sizeof(HeaderV2);
  return offsetof(HeaderV3, publishers) + kChangedPublishers * sizeof(cloudtoid::PublisherSlotV3);
}

Change ChooseChange(const CloudtoidImage& image, Input& input) {
  const auto ring_offset = static_cast<uint64_t>(image.ring_offset);
  const auto words = static_cast<uint64_t>(image.capacity) / 8;
  switch (input.Byte() % 4) {
    case 0:
    case 1:
      return ChangeOfHeader(image, input);
    case 2:
      return {ring_offset + 8 * input.Below(words), 8, RecordHeader(image, input)};
    default: {
      const uint64_t at = input.Below(ChangedHeader(image) + static_cast<uint64_t>(image.capacity));
      const bool in_header = at < ChangedHeader(image);
      return {in_header ? at : at - ChangedHeader(image) + ring_offset, 1, input.Byte()};
    }
  }
}

std::vector<Change> ChooseChanges(const CloudtoidImage& image, Input& input) {
  std::vector<Change> changes;
  for (uint64_t i = 1 + input.Below(8); i > 0; --i) changes.push_back(ChooseChange(image, input));
  return changes;
}

}  // namespace interprocess::fuzz
