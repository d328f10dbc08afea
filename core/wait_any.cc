// SPDX-License-Identifier: MIT

#include "interprocess/wait_any.h"

#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "core/platform/multi_wait.h"

namespace interprocess {

void WaitAny(absl::Span<const Alarm> alarms, absl::Duration timeout) {
  absl::InlinedVector<platform::WatchedWord, 16> words;
  for (const Alarm& alarm : alarms) {
    timeout = std::min(timeout, alarm.limit);
    if (alarm.word != nullptr) words.push_back({alarm.word, alarm.value});
  }
  platform::WaitOnAnyWord(words, absl::ToInt64Nanoseconds(timeout));
}

void Bell::Ring() {
  // seq_cst: after what it is rung for.
  word_.fetch_add(1, std::memory_order_seq_cst);
  platform::WakeAnyWord(word_);
}

}  // namespace interprocess
