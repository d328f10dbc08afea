// SPDX-License-Identifier: MIT

#include "tools/ipq/message_writer.h"

#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"

namespace ipq {
namespace {

constexpr size_t kGatherLimit = size_t{256} << 10;
constexpr size_t kLarge = size_t{64} << 10;

}  // namespace

MessageWriter::MessageWriter(int descriptor, Framing framing, Delivery delivery,
                             const StopSignals& stop)
    : framing_(framing), output_(descriptor, delivery == Delivery::kTaken, stop) {}

absl::Status MessageWriter::Add(absl::string_view message) {
  if (framing_ == Framing::kLength) {
    if (message.size() > std::numeric_limits<uint32_t>::max()) {
      return absl::OutOfRangeError(absl::StrCat("a message of ", FormatBytes(message.size()),
                                                " has no length of four bytes"));
    }
    char prefix[4];
    for (size_t i = 0; i < sizeof(prefix); ++i) {
      prefix[i] = static_cast<char>(message.size() >> (8 * i));
    }
    gathered_.append(prefix, sizeof(prefix));
  }
  if (absl::Status added = AddBytes(message); !added.ok()) return added;
  if (framing_ == Framing::kLines) gathered_.push_back('\n');
  return absl::OkStatus();
}

absl::Status MessageWriter::Flush() {
  if (absl::Status written = WriteGathered(); !written.ok()) return written;
  return output_.WaitUntilTaken();
}

absl::Status MessageWriter::AddBytes(absl::string_view bytes) {
  if (gathered_.size() + bytes.size() > kGatherLimit || bytes.size() >= kLarge) {
    if (absl::Status written = WriteGathered(); !written.ok()) return written;
  }
  if (bytes.size() >= kLarge) return output_.Write(bytes, written_);
  gathered_.append(bytes.data(), bytes.size());
  return absl::OkStatus();
}

absl::Status MessageWriter::WriteGathered() {
  // What is not written is lost to this writer: an error ends its use.
  absl::Status written = output_.Write(gathered_, written_);
  gathered_.clear();
  return written;
}

}  // namespace ipq
