// SPDX-License-Identifier: MIT

#include "tools/ipq/message_reader.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"

namespace ipq {
namespace {

constexpr size_t kFirstBufferSize = size_t{256} << 10;
constexpr size_t kMaxBatch = 4096;
constexpr size_t kPrefix = 4;

size_t LoadPrefix(const uint8_t* bytes) {
  return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | static_cast<size_t>(bytes[3]) << 24;
}

}  // namespace

MessageReader::MessageReader(int descriptor, std::string label, Framing framing,
                             size_t max_message_size, const StopSignals& stop)
    : descriptor_(descriptor),
      label_(std::move(label)),
      framing_(framing),
      max_message_size_(max_message_size),
      stop_(stop),
      buffer_(kFirstBufferSize) {
  messages_.reserve(kMaxBatch);
}

absl::StatusOr<absl::Span<const MessageReader::Bytes>> MessageReader::Next() {
  messages_.clear();
  for (;;) {
    Split();
    if (!messages_.empty()) return absl::MakeConstSpan(messages_);
    if (!error_.ok()) return error_;
    if (ended_) return absl::Span<const Bytes>();
    error_ = Fill();
  }
}

std::string MessageReader::Name(size_t index) const {
  const uint64_t number = count_ - messages_.size() + index + 1;
  if (framing_ == Framing::kRaw) return label_;
  return absl::StrCat(label_, framing_ == Framing::kLines ? ", line " : ", message ",
                      FormatCount(number));
}

void MessageReader::Split() {
  bool more = true;
  while (more && error_.ok() && messages_.size() < kMaxBatch) {
    switch (framing_) {
      case Framing::kLines:
        more = SplitLine();
        break;
      case Framing::kLength:
        more = SplitLengthPrefixed();
        break;
      case Framing::kRaw:
        more = SplitWhole();
        break;
    }
  }
}

bool MessageReader::SplitLine() {
  const uint8_t* const from = buffer_.data() + scanned_;
  const auto* newline = static_cast<const uint8_t*>(std::memchr(from, '\n', end_ - scanned_));
  const bool last = newline == nullptr && ended_ && available() > 0;
  if (newline == nullptr && !last) {
    scanned_ = end_;
    if (available() > max_message_size_) error_ = TooLarge("more than that");
    return false;
  }
  const size_t size = last ? available() : newline - (buffer_.data() + begin_);
  if (size > max_message_size_) {
    error_ = TooLarge(FormatBytes(size));
    return false;
  }
  Take(0, size, last ? 0 : 1);
  return true;
}

bool MessageReader::SplitLengthPrefixed() {
  if (available() < kPrefix) {
    if (ended_ && available() > 0) error_ = Incomplete(available(), kPrefix);
    return false;
  }
  const size_t size = LoadPrefix(buffer_.data() + begin_);
  if (size > max_message_size_) {
    error_ = TooLarge(FormatBytes(size));
    return false;
  }
  if (available() < kPrefix + size) {
    if (ended_) error_ = Incomplete(available(), kPrefix + size);
    return false;
  }
  Take(kPrefix, size, 0);
  return true;
}

bool MessageReader::SplitWhole() {
  if (available() > max_message_size_) error_ = TooLarge("more than that");
  if (!ended_ || whole_taken_ || !error_.ok()) return false;
  whole_taken_ = true;
  Take(0, available(), 0);
  return true;
}

void MessageReader::Take(size_t skip, size_t size, size_t skip_after) {
  messages_.push_back(absl::MakeConstSpan(buffer_.data() + begin_ + skip, size));
  begin_ += skip + size + skip_after;
  scanned_ = begin_;
  ++count_;
}

absl::Status MessageReader::TooLarge(const std::string& size) const {
  return absl::InvalidArgumentError(
      absl::StrCat(Name(messages_.size()), ": too large a message: ", size,
                   "; the queue takes at most ", FormatBytes(max_message_size_)));
}

absl::Status MessageReader::Incomplete(size_t there, size_t wanted) const {
  return absl::InvalidArgumentError(absl::StrCat(Name(messages_.size()), ": the input ends after ",
                                                 FormatCount(there), " of its ",
                                                 FormatCount(wanted), " bytes, length included"));
}

absl::Status MessageReader::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, available());
    end_ -= begin_;
    scanned_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) buffer_.resize(buffer_.size() * 2);
  const absl::StatusOr<size_t> count =
      ReadInput(descriptor_, absl::MakeSpan(buffer_).subspan(end_), stop_);
  if (absl::IsCancelled(count.status())) return count.status();
  if (!count.ok()) {
    return absl::Status(count.status().code(),
                        absl::StrCat(label_, ": ", count.status().message()));
  }
  end_ += *count;
  ended_ = *count == 0;
  return absl::OkStatus();
}

}  // namespace ipq
