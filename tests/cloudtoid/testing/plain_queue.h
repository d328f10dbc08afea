// SPDX-License-Identifier: MIT

// Queues of the Cloudtoid formats on plain memory, in a world that the test rules.

#ifndef INTERPROCESS_TESTS_CLOUDTOID_TESTING_PLAIN_QUEUE_H_
#define INTERPROCESS_TESTS_CLOUDTOID_TESTING_PLAIN_QUEUE_H_

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/cloudtoid/environment.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/outcome.h"
#include "core/cloudtoid/queue_v2.h"
#include "core/cloudtoid/queue_v3.h"

namespace interprocess::cloudtoid::testing {

inline constexpr int64_t kSecond = 1'000'000'000;

// Time stands still unless it is moved.
class World final : public Environment {
 public:
  int64_t NowNanos() override { return nanos; }
  int64_t NowTicks() override { return nanos / 100 + kStart; }
  void Post() override { permits = permits == INT32_MAX ? permits : permits + 1; }
  bool TryTakePermit() override { return permits > 0 && permits-- > 0; }
  bool HasPermit() override { return permits > 0; }
  bool IsProvenDead(int64_t participant) override {
    ++probes;
    if (on_probe) on_probe();
    return dead.count(participant) != 0;
  }

  static constexpr int64_t kStart = 639'000'000'000'000'000;
  int64_t nanos = 1000 * kSecond;
  int32_t permits = 0;
  int probes = 0;
  std::function<void()> on_probe;
  std::set<int64_t> dead;
};

// Exactly the bytes of a file, so that a sanitizer sees an access beyond them.
class Memory {
 public:
  explicit Memory(int64_t size) : bytes_(new uint8_t[static_cast<size_t>(size)]()), size_(size) {}
  explicit Memory(absl::string_view image) : Memory(static_cast<int64_t>(image.size())) {
    std::memcpy(bytes_.get(), image.data(), image.size());
  }
  uint8_t* data() const { return bytes_.get(); }
  int64_t size() const { return size_; }
  std::string Image() const {
    return std::string(reinterpret_cast<const char*>(data()), static_cast<size_t>(size_));
  }
  HeaderV2& v2() const { return *reinterpret_cast<HeaderV2*>(data()); }
  HeaderV3& v3() const { return *reinterpret_cast<HeaderV3*>(data()); }

 private:
  std::unique_ptr<uint8_t[]> bytes_;
  int64_t size_;
};

inline absl::Span<const uint8_t> AsBytes(const std::string& text) {
  return absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(text.data()), text.size());
}

// The next message into `text`, as the subscriber's engine takes it.
template <typename Queue>
Outcome Take(Queue& queue, std::string* text, bool* redelivered = nullptr) {
  Claimed claimed;
  const Outcome outcome = queue.Claim(INT32_MAX, &claimed);
  if (outcome != Outcome::kDone) return outcome;
  text->assign(static_cast<size_t>(claimed.size), '\0');
  queue.ring().CopyOut(claimed.offset, reinterpret_cast<uint8_t*>(text->data()), text->size());
  if (redelivered != nullptr) *redelivered = claimed.redelivered;
  return queue.Finish(claimed) ? Outcome::kDone : Outcome::kAgain;
}

// The message, or the outcome in angle brackets.
template <typename Queue>
std::string Took(Queue& queue) {
  std::string text;
  switch (Take(queue, &text)) {
    case Outcome::kDone:
      return text;
    case Outcome::kNone:
      return "<none>";
    case Outcome::kHeldUp:
      return "<held up>";
    case Outcome::kDamaged:
      return "<damaged>";
    case Outcome::kAgain:
      return "<lost>";
    default:
      return "<?>";
  }
}

}  // namespace interprocess::cloudtoid::testing

#endif  // INTERPROCESS_TESTS_CLOUDTOID_TESTING_PLAIN_QUEUE_H_
