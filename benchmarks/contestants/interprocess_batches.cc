// SPDX-License-Identifier: MIT

// This project's queue, used in batches.

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/contestants/queue_channel.h"
#include "benchmarks/harness/backoff.h"
#include "interprocess/message_view.h"
#include "interprocess/publisher.h"
#include "interprocess/subscriber.h"

namespace interprocess::benchmarks {
namespace {

// The messages of a batch lie one after the other in the sender's memory until it is full. That
// copy is charged: a sender of batches has to collect them.
template <size_t kSize>
class BatchChannel : public QueueChannel {
 public:
  static constexpr absl::string_view kName = "Interprocess, batches of 32";
  using QueueChannel::QueueChannel;

  class Sender {
   public:
    Sender(BatchChannel* channel, int) : publisher_(Opened(Publisher::Open(channel->options()))) {}
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    ~Sender() {
      for (Backoff backoff; !Flush();) backoff.Wait();
    }

    bool TrySend(absl::Span<const uint8_t> message) {
      if (waiting_ == kSize && !Flush()) return false;
      bytes_.resize(kSize * message.size());
      uint8_t* const place = bytes_.data() + waiting_ * message.size();
      memcpy(place, message.data(), message.size());
      messages_[waiting_++] = absl::MakeConstSpan(place, message.size());
      return true;
    }

   private:
    // False while some have found no room.
    bool Flush() {
      if (sent_ == waiting_) return true;
      const absl::StatusOr<size_t> sent = publisher_.TryEnqueueBatch(
          absl::MakeConstSpan(messages_).subspan(sent_, waiting_ - sent_));
      if (!sent.ok()) Fail("TryEnqueueBatch", sent.status());
      sent_ += *sent;
      if (sent_ < waiting_) return false;
      sent_ = waiting_ = 0;
      return true;
    }

    Publisher publisher_;
    std::vector<uint8_t> bytes_;
    std::array<absl::Span<const uint8_t>, kSize> messages_;
    size_t sent_ = 0;
    size_t waiting_ = 0;
  };

  class Receiver {
   public:
    Receiver(BatchChannel* channel, int)
        : subscriber_(Opened(Subscriber::Open(channel->options()))) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t>, Visit visit) {
      const absl::StatusOr<size_t> taken = subscriber_.TryDequeueBatch(
          kSize, [&visit](const MessageView& message) { visit(message.bytes()); });
      if (!taken.ok() && !absl::IsUnavailable(taken.status())) {
        Fail("TryDequeueBatch", taken.status());
      }
      return taken.ok();
    }

   private:
    Subscriber subscriber_;
  };
};

// Nothing answers half a batch.
template <size_t kSize>
Contestant Batches() {
  Contestant contestant = MakeContestant<BatchChannel<kSize>>();
  contestant.round_trip = nullptr;
  contestant.same_thread = nullptr;
  return contestant;
}

}  // namespace

Contestant InterprocessBatches(int size) {
  switch (size) {
    case 1:
      return Batches<1>();
    case 8:
      return Batches<8>();
    case 128:
      return Batches<128>();
    default:
      return Batches<32>();
  }
}

}  // namespace interprocess::benchmarks
