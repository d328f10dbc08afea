// SPDX-License-Identifier: MIT

// The waiter where the system has a wait on a word in shared memory: nothing is kept anywhere else.

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "core/native/layout.h"
#include "core/native/queue_memory.h"
#include "core/native/waiter.h"
#include "core/platform/directory.h"
#include "core/platform/waiter.h"

namespace interprocess::native {
namespace {

class WordWaiter final : public Waiter {
 public:
  absl::Status Sleep(uint32_t, const std::atomic<uint32_t>& word, uint32_t expected,
                     int64_t timeout_ns) override {
    platform::WaitOnWord(word, expected, timeout_ns);
    return absl::OkStatus();
  }
  void WakeAll(const std::atomic<uint32_t>& word) override { platform::WakeAll(word); }
  bool WakeSome(const std::atomic<uint32_t>& word, int most) override {
    return platform::WakeSome(word, most);
  }
  void Leave() override {}
  void Forget() override {}
};

}  // namespace

const WaiterKind kWaiterKind = WaiterKind::kWord;

std::unique_ptr<Waiter> MakeWaiter(const QueueMemory&, const platform::Permission&) {
  return std::make_unique<WordWaiter>();
}

}  // namespace interprocess::native
