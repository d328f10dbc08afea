// SPDX-License-Identifier: MIT

// What ipq reads and writes: any bytes, in pieces of any size, against a split that has them all at
// once; and the values of its flags.

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tests/fuzz/input.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/message_reader.h"
#include "tools/ipq/message_writer.h"
#include "tools/ipq/stop_signals.h"

// The most that one read gives; linked with --wrap=read.
static size_t largest_read = SIZE_MAX;

extern "C" {
ssize_t __real_read(int handle, void* buffer, size_t size);
ssize_t __wrap_read(int handle, void* buffer, size_t size);
}
ssize_t __wrap_read(int handle, void* buffer, size_t size) {
  return __real_read(handle, buffer, std::min(size, largest_read));
}

namespace ipq {
namespace {

using interprocess::fuzz::Input;

struct Split {
  std::vector<std::string> messages;
  bool error = false;  // after them
};

Split SplitAll(absl::string_view bytes, Framing framing, size_t max_size) {
  Split split;
  const auto take = [&](size_t skip, size_t size, size_t skip_after) {
    split.messages.emplace_back(bytes.substr(skip, size));
    bytes.remove_prefix(std::min(bytes.size(), skip + size + skip_after));
  };
  if (framing == Framing::kRaw) {
    split.error = bytes.size() > max_size;
    if (!split.error) take(0, bytes.size(), 0);
    return split;
  }
  while (!bytes.empty() && !split.error) {
    if (framing == Framing::kLines) {
      const size_t size = std::min(bytes.find('\n'), bytes.size());
      split.error = size > max_size;
      if (!split.error) take(0, size, 1);
      continue;
    }
    uint32_t size = 0;
    for (size_t i = 0; i < 4 && i < bytes.size(); ++i) {
      size |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[i])) << (8 * i);
    }
    split.error = bytes.size() < 4 || size > max_size || bytes.size() - 4 < size;
    if (!split.error) take(4, size, 0);
  }
  return split;
}

class MemoryFile {
 public:
  explicit MemoryFile(absl::string_view bytes) : handle_(memfd_create("fuzz", MFD_CLOEXEC)) {
    FUZZ_CHECK(handle_ >= 0, "memfd_create");
    FUZZ_CHECK(write(handle_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
               "write");
    lseek(handle_, 0, SEEK_SET);
  }
  ~MemoryFile() { close(handle_); }
  int handle() const { return handle_; }
  std::string Bytes() const {
    std::string bytes(static_cast<size_t>(lseek(handle_, 0, SEEK_END)), '\0');
    FUZZ_CHECK(pread(handle_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()),
               "pread");
    return bytes;
  }

 private:
  const int handle_;
};

void ReadAndWrite(Input& input, const StopSignals& stop) {
  const auto framing = static_cast<Framing>(input.Byte() % 3);
  const size_t max_size = input.Bool() ? input.Byte() % 16 : 4096;
  largest_read = input.Bool() ? 1 + input.Byte() % 8 : SIZE_MAX;
  const absl::string_view bytes(reinterpret_cast<const char*>(input.rest()), input.size());
  const Split expected = SplitAll(bytes, framing, max_size);

  const MemoryFile in(bytes), out("");
  MessageReader reader(in.handle(), "input", framing, max_size, stop);
  MessageWriter writer(out.handle(), framing, MessageWriter::Delivery::kWritten, stop);
  size_t count = 0;
  while (true) {
    const auto messages = reader.Next();
    if (!messages.ok()) {
      FUZZ_CHECK(absl::IsInvalidArgument(messages.status()), messages.status().ToString().c_str());
      FUZZ_CHECK(expected.error, messages.status().ToString().c_str());
      break;
    }
    if (messages->empty()) {
      FUZZ_CHECK(!expected.error, "no error");
      break;
    }
    for (size_t i = 0; i < messages->size(); ++i, ++count) {
      FUZZ_CHECK(!reader.Name(i).empty(), "");
      const absl::string_view message(reinterpret_cast<const char*>((*messages)[i].data()),
                                      (*messages)[i].size());
      FUZZ_CHECK(count < expected.messages.size() && message == expected.messages[count], "");
      FUZZ_CHECK(writer.Add(message).ok(), "");
    }
  }
  FUZZ_CHECK(count == expected.messages.size(), "");
  FUZZ_CHECK(writer.Flush().ok() && writer.added() == writer.written(), "");
  // What was written is what was read, up to where it was wrong, with a newline behind the last.
  std::string written = out.Bytes();
  FUZZ_CHECK(written.size() == writer.written(), "");
  if (!expected.error && framing == Framing::kLines && !bytes.empty() && bytes.back() != '\n') {
    FUZZ_CHECK(written.back() == '\n', "");
    written.pop_back();
  }
  FUZZ_CHECK(written == bytes.substr(0, written.size()), "");
  FUZZ_CHECK(expected.error || written.size() == bytes.size(), "");
}

template <typename Value>
void ParseValue(absl::string_view text) {
  Value value{};
  std::string error;
  if (!AbslParseFlag(text, &value, &error)) {
    FUZZ_CHECK(!error.empty(), "");
    return;
  }
  const std::string again = AbslUnparseFlag(value);
  Value other{};
  FUZZ_CHECK(AbslParseFlag(again, &other, &error) && AbslUnparseFlag(other) == again,
             again.c_str());
}

}  // namespace
}  // namespace ipq

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto* stop = new ipq::StopSignals;
  interprocess::fuzz::Input input(data, size);
  if (input.Byte() % 8 != 0) {
    ipq::ReadAndWrite(input, *stop);
  } else {
    const absl::string_view text(reinterpret_cast<const char*>(input.rest()), input.size());
    ipq::ParseValue<ipq::Framing>(text);
    ipq::ParseValue<ipq::ByteSize>(text);
  }
  return 0;
}
