// SPDX-License-Identifier: MIT

// Room for one message, a counter, and a futex on it: what a wake-up costs at least.

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/harness/shared_memory.h"

namespace interprocess::benchmarks {
namespace {

// Only for round trips: a message is gone when the next one is sent.
class FutexChannel {
 public:
  static constexpr absl::string_view kName = "bare futex";
  static constexpr bool kOneToOne = true;

  explicit FutexChannel(const ChannelOptions& options) : message_(options.message_size) {}

  class Sender {
   public:
    Sender(FutexChannel* channel, int) : channel_(*channel) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      memcpy(channel_.message_.data(), message.data(), message.size());
      channel_.word_->fetch_add(1, std::memory_order_release);
      channel_.Futex(FUTEX_WAKE, 1);
      return true;
    }

   private:
    FutexChannel& channel_;
  };

  class Receiver {
   public:
    Receiver(FutexChannel* channel, int) : channel_(*channel) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      while (channel_.word_->load(std::memory_order_acquire) == seen_) {
        if (channel_.Futex(FUTEX_WAIT, seen_) != 0 && errno == EINTR) return false;
      }
      ++seen_;
      memcpy(buffer.data(), channel_.message_.data(), buffer.size());
      visit(absl::Span<const uint8_t>(buffer));
      return true;
    }

   private:
    FutexChannel& channel_;
    uint32_t seen_ = 0;
  };

 private:
  static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "the kernel reads it as a word");

  long Futex(int operation, uint32_t value) {
    return syscall(SYS_futex, word_.get(), operation, value, nullptr, nullptr, 0);
  }

  SharedMemory message_;
  Shared<std::atomic<uint32_t>> word_;
};

}  // namespace

Contestant BareFutex() {
  Contestant contestant = MakeContestant<FutexChannel>();
  contestant.throughput = nullptr;
  contestant.same_thread = nullptr;
  return contestant;
}

}  // namespace interprocess::benchmarks
