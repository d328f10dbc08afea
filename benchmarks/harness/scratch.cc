// SPDX-License-Identifier: MIT

#include "benchmarks/harness/scratch.h"

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "benchmarks/harness/crew.h"

namespace interprocess::benchmarks {
namespace {

std::string MakeDirectory() {
  std::string path = "/dev/shm/interprocess-benchmark-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) FailMeasurement("mkdtemp: no scratch directory");
  // Workers leave by _exit and run no exit handlers.
  atexit([] {
    std::error_code ignored;
    std::filesystem::remove_all(ScratchDirectory(), ignored);
  });
  return path;
}

}  // namespace

const std::string& ScratchDirectory() {
  static const std::string* const path = new std::string(MakeDirectory());
  return *path;
}

void EmptyScratchDirectory() {
  std::error_code ignored;
  for (const auto& left : std::filesystem::directory_iterator(ScratchDirectory(), ignored)) {
    std::filesystem::remove_all(left.path(), ignored);
  }
}

std::string UniqueName(absl::string_view prefix) {
  static int count = 0;
  return absl::StrCat(prefix, "-", getpid(), "-", ++count);
}

}  // namespace interprocess::benchmarks
