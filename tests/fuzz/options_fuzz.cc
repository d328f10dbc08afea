// SPDX-License-Identifier: MIT

// Names and options of any kind: what is wrong with them is said, in a line that can be printed,
// and a name leads to no file but its own.

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_inspector.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_registry.h"
#include "interprocess/subscriber.h"
#include "tests/fuzz/input.h"

namespace interprocess::fuzz {
namespace {

constexpr char kOutside[] = "outside";

// A directory, in one that holds nothing else.
class Scratch {
 public:
  Scratch() {
    std::error_code none;
    const char* of_test = getenv("TEST_TMPDIR");
    outer_ = (of_test != nullptr ? of_test : std::filesystem::temp_directory_path(none).string()) +
             "/ipq-fuzz-XXXXXX";
    FUZZ_CHECK(mkdtemp(outer_.data()) != nullptr, outer_.c_str());
    std::filesystem::create_directory(path());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(outer_, ignored);
  }
  std::string path() const { return outer_ + "/queues"; }
  // The names in it; fails if there is anything beside it.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      names.push_back(entry.path().filename().string());
    }
    for (const auto& entry : std::filesystem::directory_iterator(outer_)) {
      FUZZ_CHECK(entry.path().filename() == "queues", kOutside);
    }
    return names;
  }

 private:
  std::string outer_;
};

std::string Text(Input& input) {
  // Often one of the characters that mean something in a name.
  constexpr char kSpecial[] = {'/', '\\', '.', '\0', '\n', ' ', 'a', '\x7f', '\xff'};
  std::string text;
  const size_t size = input.Bool() ? input.Byte() : input.Byte() % 16;
  for (size_t i = 0; i < size && !input.empty(); ++i) {
    const uint8_t byte = input.Byte();
    text.push_back(byte < 128 ? static_cast<char>(byte) : kSpecial[byte % sizeof(kSpecial)]);
  }
  return text;
}

void ExpectPrintable(const absl::Status& status) {
  FUZZ_CHECK(status.message().size() < 2000, "a long message");
  for (const char c : status.message()) {
    FUZZ_CHECK(!absl::ascii_iscntrl(static_cast<unsigned char>(c)), "a control character");
  }
}

void Run(const Scratch& scratch, Input input) {
  QueueOptions options;
  options.name = Text(input);
  options.capacity = static_cast<int64_t>(input.Odd());
  options.max_participants = static_cast<int>(input.Odd());
  options.mode = static_cast<OpenMode>(input.Byte() % 3);
  options.access = static_cast<Access>(input.Byte() % 3);
  options.reserve_space = input.Bool();
  options.keep_undelivered = input.Bool();
  const bool any_directory = input.Byte() % 4 == 0;
  options.directory = any_directory ? Text(input) : scratch.path();
  // Nothing is made in a directory of any name.
  if (any_directory) options.mode = OpenMode::kOpenExisting;

  const absl::Status valid = options.Validate();
  ExpectPrintable(valid);
  FUZZ_CHECK(valid.ok() || absl::IsInvalidArgument(valid), valid.ToString().c_str());
  // Large ones take time, and here say nothing new.
  if (valid.ok() && (options.capacity > (1 << 20) || options.directory.empty())) return;
  {
    const auto publisher = Publisher::Open(options);
    const auto subscriber = Subscriber::Open(options);
    if (valid.ok()) {
      const bool made = options.mode != OpenMode::kOpenExisting;
      FUZZ_CHECK(publisher.ok() == made, publisher.status().ToString().c_str());
      const bool shared = options.mode == OpenMode::kOpenOrCreate;
      FUZZ_CHECK(subscriber.ok() == shared, subscriber.status().ToString().c_str());
      if (made) {
        FUZZ_CHECK(publisher->capacity() >= options.capacity, "");
        FUZZ_CHECK(scratch.Names() == std::vector<std::string>{options.name + ".ipq"}, kOutside);
        const auto queues = ListQueues(options.directory);
        FUZZ_CHECK(queues.ok() && queues->size() == 1 && (*queues)[0].name == options.name, "");
        FUZZ_CHECK(QueueInspector::Open(options.name, options.directory).ok(), "");
      }
    } else {
      FUZZ_CHECK(publisher.status() == valid && subscriber.status() == valid,
                 publisher.status().ToString().c_str());
    }
    if (!any_directory) {
      const absl::Status removed = RemoveQueue(options.name, options.directory);
      FUZZ_CHECK(removed.ok() || absl::IsNotFound(removed) || absl::IsInvalidArgument(removed),
                 removed.ToString().c_str());
    }
  }
  FUZZ_CHECK(scratch.Names().empty(), "something is left");
  QueueInspector::Open(options.name, options.directory).status().IgnoreError();
  ListQueues(options.directory).status().IgnoreError();
}

}  // namespace
}  // namespace interprocess::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const interprocess::fuzz::Scratch scratch;
  interprocess::fuzz::Run(scratch, interprocess::fuzz::Input(data, size));
  return 0;
}
