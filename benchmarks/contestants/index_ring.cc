// SPDX-License-Identifier: MIT

// The ring of one publisher and one subscriber: two indices, each side with a copy of the other's.

#include <atomic>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/contestants/ring_geometry.h"
#include "benchmarks/harness/shared_memory.h"

namespace interprocess::benchmarks {
namespace {

struct Indices {
  alignas(128) std::atomic<uint64_t> tail{0};  // written by the publisher
  alignas(128) std::atomic<uint64_t> head{0};  // written by the subscriber
};

class IndexChannel {
 public:
  static constexpr absl::string_view kName = "SPSC index ring";
  static constexpr bool kOneToOne = true;

  explicit IndexChannel(const ChannelOptions& options)
      : cells_(CellCount(options)),
        // Cells follow each other closely: the indices guard them, so lines may be shared.
        stride_(RoundUp(sizeof(uint64_t) + options.message_size, 8)),
        memory_(cells_ * stride_) {}

  class Sender {
   public:
    Sender(IndexChannel* channel, int) : channel_(*channel) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      if (tail_ - known_head_ == channel_.cells_) {
        known_head_ = channel_.indices_->head.load(std::memory_order_acquire);
        if (tail_ - known_head_ == channel_.cells_) return false;
      }
      uint8_t* cell = channel_.CellAt(tail_);
      StoreWord(cell, message.size());
      memcpy(cell + sizeof(uint64_t), message.data(), message.size());
      channel_.indices_->tail.store(++tail_, std::memory_order_release);
      return true;
    }

   private:
    IndexChannel& channel_;
    uint64_t tail_ = 0;
    uint64_t known_head_ = 0;
  };

  class Receiver {
   public:
    Receiver(IndexChannel* channel, int) : channel_(*channel) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      if (head_ == known_tail_) {
        known_tail_ = channel_.indices_->tail.load(std::memory_order_acquire);
        if (head_ == known_tail_) return false;
      }
      const uint8_t* cell = channel_.CellAt(head_);
      const uint64_t size = LoadWord(cell);
      memcpy(buffer.data(), cell + sizeof(uint64_t), size);
      channel_.indices_->head.store(++head_, std::memory_order_release);
      visit(absl::Span<const uint8_t>(buffer.data(), size));
      return true;
    }

   private:
    IndexChannel& channel_;
    uint64_t head_ = 0;
    uint64_t known_tail_ = 0;
  };

 private:
  uint8_t* CellAt(uint64_t index) { return memory_.data() + (index & (cells_ - 1)) * stride_; }

  const uint64_t cells_;
  const uint64_t stride_;
  SharedMemory memory_;
  Shared<Indices> indices_;
};

}  // namespace

Contestant IndexRing() { return MakeContestant<IndexChannel>(); }

}  // namespace interprocess::benchmarks
