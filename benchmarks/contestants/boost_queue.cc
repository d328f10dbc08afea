// SPDX-License-Identifier: MIT

// Boost.Interprocess's message_queue.

#include <boost/interprocess/ipc/message_queue.hpp>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/contestants/ring_geometry.h"
#include "benchmarks/harness/scratch.h"

namespace interprocess::benchmarks {
namespace {

using boost::interprocess::message_queue;

template <bool kBlocks>
class BoostChannel {
 public:
  static constexpr absl::string_view kName =
      kBlocks ? "Boost message_queue, blocking" : "Boost message_queue";
  static constexpr bool kOneToOne = false;

  explicit BoostChannel(const ChannelOptions& options)
      : name_(UniqueName("interprocess-benchmark")),
        queue_(boost::interprocess::create_only, name_.c_str(), CellCount(options),
               options.message_size) {}
  BoostChannel(const BoostChannel&) = delete;
  BoostChannel& operator=(const BoostChannel&) = delete;
  ~BoostChannel() { message_queue::remove(name_.c_str()); }

  class Sender {
   public:
    Sender(BoostChannel* channel, int)
        : queue_(boost::interprocess::open_only, channel->name_.c_str()) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      if constexpr (kBlocks) {
        queue_.send(message.data(), message.size(), 0);
        return true;
      } else {
        return queue_.try_send(message.data(), message.size(), 0);
      }
    }

   private:
    message_queue queue_;
  };

  class Receiver {
   public:
    Receiver(BoostChannel* channel, int)
        : queue_(boost::interprocess::open_only, channel->name_.c_str()) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      message_queue::size_type size;
      unsigned priority;
      if constexpr (kBlocks) {
        queue_.receive(buffer.data(), buffer.size(), size, priority);
      } else {
        if (!queue_.try_receive(buffer.data(), buffer.size(), size, priority)) return false;
      }
      visit(absl::Span<const uint8_t>(buffer.data(), size));
      return true;
    }

   private:
    message_queue queue_;
  };

 private:
  const std::string name_;
  message_queue queue_;
};

}  // namespace

Contestant BoostQueue() { return MakeContestant<BoostChannel<false>>(); }

Contestant BoostSleeping() {
  Contestant contestant = MakeContestant<BoostChannel<true>>();
  // Nothing ends its blocked receive when the messages do.
  contestant.throughput = nullptr;
  return contestant;
}

}  // namespace interprocess::benchmarks
