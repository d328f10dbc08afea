// SPDX-License-Identifier: MIT

// The bounded queue of Dmitry Vyukov: a ring of cells, each with the ticket for which it is ready.

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

struct Cell {
  // Its number on the first lap and so on each time round: free for the publisher of that ticket;
  // one more: filled for the subscriber of that ticket.
  std::atomic<uint64_t> ticket;
  uint64_t size;
  uint8_t* bytes() { return reinterpret_cast<uint8_t*>(this + 1); }
};

struct Indices {
  alignas(128) std::atomic<uint64_t> tail{0};
  alignas(128) std::atomic<uint64_t> head{0};
};

class TicketChannel {
 public:
  static constexpr absl::string_view kName = "ticket MPMC ring";
  static constexpr bool kOneToOne = false;

  explicit TicketChannel(const ChannelOptions& options)
      : cells_(CellCount(options)),
        // Neighbours share no line.
        stride_(RoundUp(sizeof(Cell) + options.message_size, 64)),
        memory_(cells_ * stride_) {
    for (uint64_t i = 0; i < cells_; ++i) {
      CellAt(i)->ticket.store(i, std::memory_order_relaxed);  // the fork orders it
    }
  }

  class Sender {
   public:
    Sender(TicketChannel* channel, int) : channel_(*channel) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      std::atomic<uint64_t>& tail = channel_.indices_->tail;
      uint64_t ticket = tail.load(std::memory_order_relaxed);
      while (true) {
        Cell* cell = channel_.CellAt(ticket);
        const uint64_t seen = cell->ticket.load(std::memory_order_acquire);
        if (seen == ticket) {
          if (tail.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) {
            cell->size = message.size();
            memcpy(cell->bytes(), message.data(), message.size());
            cell->ticket.store(ticket + 1, std::memory_order_release);
            return true;
          }
        } else if (seen < ticket) {
          return false;
        } else {
          ticket = tail.load(std::memory_order_relaxed);
        }
      }
    }

   private:
    TicketChannel& channel_;
  };

  class Receiver {
   public:
    Receiver(TicketChannel* channel, int) : channel_(*channel) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      std::atomic<uint64_t>& head = channel_.indices_->head;
      uint64_t ticket = head.load(std::memory_order_relaxed);
      while (true) {
        Cell* cell = channel_.CellAt(ticket);
        const uint64_t seen = cell->ticket.load(std::memory_order_acquire);
        if (seen == ticket + 1) {
          if (head.compare_exchange_weak(ticket, ticket + 1, std::memory_order_relaxed)) {
            const uint64_t size = cell->size;
            memcpy(buffer.data(), cell->bytes(), size);
            cell->ticket.store(ticket + channel_.cells_, std::memory_order_release);
            visit(absl::Span<const uint8_t>(buffer.data(), size));
            return true;
          }
        } else if (seen < ticket + 1) {
          return false;
        } else {
          ticket = head.load(std::memory_order_relaxed);
        }
      }
    }

   private:
    TicketChannel& channel_;
  };

 private:
  Cell* CellAt(uint64_t ticket) {
    return reinterpret_cast<Cell*>(memory_.data() + (ticket & (cells_ - 1)) * stride_);
  }

  const uint64_t cells_;
  const uint64_t stride_;
  SharedMemory memory_;
  Shared<Indices> indices_;
};

}  // namespace

Contestant TicketRing() { return MakeContestant<TicketChannel>(); }

}  // namespace interprocess::benchmarks
