// SPDX-License-Identifier: MIT

#include "tools/ipq/progress.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "tools/ipq/format.h"
#include "tools/ipq/streams.h"

namespace ipq {
namespace {

constexpr absl::Duration kFirstShow = absl::Seconds(1);
constexpr absl::Duration kInterval = absl::Milliseconds(200);

}  // namespace

Progress::Progress(int data)
    : enabled_(IsTerminal(kStandardError) && !IsTerminal(data)),
      start_(absl::Now()),
      next_show_(start_ + kFirstShow) {}

Progress::~Progress() { Finish(); }

void Progress::Add(uint64_t messages, uint64_t bytes) {
  messages_ += messages;
  bytes_ += bytes;
  if (!enabled_) return;
  const absl::Time now = absl::Now();
  if (now >= next_show_) Show(now);
}

void Progress::ShowWaiting(absl::string_view why) {
  if (enabled_) Show(absl::Now(), absl::StrCat(", ", why));
}

void Progress::Finish() {
  if (!shown_) return;
  Show(absl::Now());
  std::fputc('\n', stderr);
  shown_ = false;
}

void Progress::Show(absl::Time now, absl::string_view remark) {
  const double seconds = absl::ToDoubleSeconds(now - start_);
  std::string line =
      absl::StrCat(FormatNumberOf(messages_, "message"), ", ",
                   FormatCount(static_cast<uint64_t>(static_cast<double>(messages_) / seconds)),
                   "/s, ", FormatRate(static_cast<double>(bytes_) / seconds), remark);
  // A line that wraps would not be overwritten by the next.
  const size_t width = TerminalWidth(kStandardError);
  if (width > 1 && line.size() >= width) line.resize(width - 1);
  absl::FPrintF(stderr, "\r%s\x1b[K", line);
  shown_ = true;
  next_show_ = now + kInterval;
}

}  // namespace ipq
