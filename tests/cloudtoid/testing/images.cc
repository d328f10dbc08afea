// SPDX-License-Identifier: MIT

#include "tests/cloudtoid/testing/images.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace interprocess::cloudtoid::testing {
namespace {

std::string ReadFile(int version, const std::string& name) {
  const std::string path = absl::StrCat("tests/interop/images/cloudtoid", version, "/", name);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(file.good()) << path;
  return text.str();
}

nlohmann::json ReadManifest(int version) {
  return nlohmann::json::parse(ReadFile(version, "manifest.json"));
}

Image ReadImage(int version, const nlohmann::json& entry) {
  Image image;
  image.file = entry["file"];
  image.capacity = entry["capacity"];
  image.bytes = ReadFile(version, image.file);
  EXPECT_EQ(image.bytes.size(), entry["bytes"].get<size_t>()) << image.file;
  return image;
}

// "e8*2,d" as e8, e8, d.
std::vector<std::string> Expand(const std::string& operations) {
  std::vector<std::string> expanded;
  for (absl::string_view each : absl::StrSplit(operations, ',', absl::SkipEmpty())) {
    const std::vector<std::string> parts = absl::StrSplit(each, '*');
    int times = 1;
    const bool repeated = parts.size() == 2 && absl::SimpleAtoi(parts[1], &times);
    EXPECT_EQ(repeated, parts.size() == 2) << each;
    expanded.insert(expanded.end(), static_cast<size_t>(times), parts[0]);
  }
  return expanded;
}

}  // namespace

std::string GeneratedMessage(uint64_t index, size_t size) {
  std::string text(size, '\0');
  for (size_t k = 0; k < size; ++k) {
    text[k] = static_cast<char>(k < 8 ? index >> (8 * k) : index * 31 + k);
  }
  return text;
}

std::vector<Image> ScriptedImages(int version) {
  std::vector<Image> images;
  const nlohmann::json manifest = ReadManifest(version);
  for (const nlohmann::json& entry : manifest["images"]) {
    Image image = ReadImage(version, entry);
    size_t result = 0;
    for (const std::string& each : Expand(entry["ops"])) {
      Operation operation;
      operation.kind = each[0] == 'e'   ? Operation::kEnqueue
                       : each[0] == 'd' ? Operation::kDequeue
                                        : Operation::kAttachSubscriber;
      const bool sized = absl::SimpleAtoi(each.substr(1), &operation.size);
      EXPECT_EQ(sized, each[0] == 'e') << each;
      if (each[0] != 's') {
        const std::vector<std::string> parts =
            absl::StrSplit(entry["results"][result++].get<std::string>(), ':');
        operation.result = parts.back();
      }
      image.operations.push_back(operation);
    }
    for (const nlohmann::json& message : entry["remaining"]) {
      std::string bytes;
      EXPECT_TRUE(absl::HexStringToBytes(message["hex"].get<std::string>(), &bytes));
      image.remaining.push_back(std::move(bytes));
    }
    for (const nlohmann::json& semaphore : entry["semaphore_after_ops"]) {
      image.semaphore = semaphore["value"];
    }
    images.push_back(std::move(image));
  }
  EXPECT_EQ(images.size(), 14u);
  return images;
}

std::vector<Image> CrashImages(int version) {
  std::vector<Image> images;
  const nlohmann::json manifest = ReadManifest(version);
  for (const nlohmann::json& entry : manifest["crash_images"]) {
    images.push_back(ReadImage(version, entry));
  }
  EXPECT_EQ(images.size(), 2u);
  return images;
}

}  // namespace interprocess::cloudtoid::testing
