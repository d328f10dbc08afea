// SPDX-License-Identifier: MIT

// This project's queue through its public interface, in the ways there are to use it.

#include <cstdint>
#include <cstring>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/contestants/queue_channel.h"
#include "interprocess/message.h"
#include "interprocess/publisher.h"
#include "interprocess/queue_options.h"
#include "interprocess/subscriber.h"
#include "interprocess/wait_options.h"

namespace interprocess::benchmarks {
namespace {

WaitOptions SleepAtOnce() {
  WaitOptions wait;
  wait.spin = absl::ZeroDuration();
  return wait;
}

class TrySender {
 public:
  TrySender(QueueChannel* channel, int) : publisher_(Opened(Publisher::Open(channel->options()))) {}

  bool TrySend(absl::Span<const uint8_t> message) {
    const absl::Status sent = publisher_.TryEnqueue(message);
    if (sent.ok()) return true;
    if (!absl::IsResourceExhausted(sent)) Fail("TryEnqueue", sent);
    return false;
  }

 private:
  Publisher publisher_;
};

class TryReceiver {
 public:
  TryReceiver(QueueChannel* channel, int)
      : subscriber_(Opened(Subscriber::Open(channel->options()))) {}

  template <typename Visit>
  bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
    const absl::StatusOr<size_t> size = subscriber_.TryDequeue(buffer);
    if (!size.ok()) {
      if (!absl::IsUnavailable(size.status())) Fail("TryDequeue", size.status());
      return false;
    }
    visit(absl::Span<const uint8_t>(buffer.data(), *size));
    return true;
  }

 private:
  Subscriber subscriber_;
};

class TryChannel : public QueueChannel {
 public:
  static constexpr absl::string_view kName = "Interprocess";
  using QueueChannel::QueueChannel;
  using Sender = TrySender;
  using Receiver = TryReceiver;
};

class ExclusiveChannel : public TryChannel {
 public:
  static constexpr absl::string_view kName = "Interprocess, exclusive";
  static constexpr bool kOneToOne = true;

  explicit ExclusiveChannel(const ChannelOptions& options) : TryChannel(options) {
    options_.one_publisher = true;
    options_.one_subscriber = true;
  }
};

// The formats that are shared with Cloudtoid.Interprocess.
template <Protocol kProtocol>
class CloudtoidChannel : public QueueChannel {
 public:
  static constexpr absl::string_view kName = kProtocol == Protocol::kCloudtoidV2
                                                 ? "Interprocess, Cloudtoid version 2"
                                                 : "Interprocess, Cloudtoid version 3";
  explicit CloudtoidChannel(const ChannelOptions& options) : QueueChannel(options, kProtocol) {}
  using Sender = TrySender;
  using Receiver = TryReceiver;
};

class BlockingChannel : public QueueChannel {
 public:
  static constexpr absl::string_view kName = "Interprocess, waiting calls";
  using QueueChannel::QueueChannel;

  class Sender {
   public:
    Sender(QueueChannel* channel, int) : publisher_(Opened(Publisher::Open(channel->options()))) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      const absl::Status sent = publisher_.Enqueue(message);
      if (!sent.ok()) Fail("Enqueue", sent);
      return true;
    }

   private:
    Publisher publisher_;
  };

  class Receiver {
   public:
    Receiver(QueueChannel* channel, int)
        : subscriber_(Opened(Subscriber::Open(channel->options()))) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      absl::StatusOr<size_t> size = subscriber_.TryDequeue(buffer);
      if (!size.ok()) {
        // Comes back now and then to see whether the measurement is over.
        size = subscriber_.Dequeue(buffer, WaitOptions(absl::Milliseconds(20)));
      }
      if (!size.ok()) {
        if (!absl::IsDeadlineExceeded(size.status())) Fail("Dequeue", size.status());
        return false;
      }
      visit(absl::Span<const uint8_t>(buffer.data(), *size));
      return true;
    }

   private:
    Subscriber subscriber_;
  };
};

class SleepingReceiver {
 public:
  SleepingReceiver(QueueChannel* channel, int)
      : subscriber_(Opened(Subscriber::Open(channel->options()))), wait_(SleepAtOnce()) {}

  template <typename Visit>
  bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
    const absl::StatusOr<size_t> size = subscriber_.Dequeue(buffer, wait_);
    if (!size.ok()) Fail("Dequeue", size.status());
    visit(absl::Span<const uint8_t>(buffer.data(), *size));
    return true;
  }

 private:
  Subscriber subscriber_;
  WaitOptions wait_;
};

class SleepingChannel : public QueueChannel {
 public:
  static constexpr absl::string_view kName = "Interprocess, sleeping";
  using QueueChannel::QueueChannel;
  using Sender = TrySender;
  using Receiver = SleepingReceiver;
};

template <Protocol kProtocol>
class CloudtoidSleepingChannel : public CloudtoidChannel<kProtocol> {
 public:
  using CloudtoidChannel<kProtocol>::CloudtoidChannel;
  using Receiver = SleepingReceiver;
};

// The copying contestants are not charged for making the bytes that they copy in, nor for using
// those that they copied out; so neither is this one, unless `kWritten` has it write each byte.
template <bool kWritten>
class InPlaceChannel : public QueueChannel {
 public:
  static constexpr absl::string_view kName =
      kWritten ? "Interprocess, in place, written" : "Interprocess, in place";
  using QueueChannel::QueueChannel;

  class Sender {
   public:
    Sender(QueueChannel* channel, int) : publisher_(Opened(Publisher::Open(channel->options()))) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      absl::StatusOr<Reservation> room = publisher_.TryReserve(message.size());
      if (!room.ok()) {
        if (!absl::IsResourceExhausted(room.status())) Fail("TryReserve", room.status());
        return false;
      }
      if constexpr (kWritten) {
        memcpy(room->span().data(), message.data(), message.size());
      } else {
        Stamp::Copy(message.data(), room->span().data(), message.size());
      }
      const absl::Status sent = room->Commit();
      if (!sent.ok()) Fail("Commit", sent);
      return true;
    }

   private:
    Publisher publisher_;
  };

  class Receiver {
   public:
    Receiver(QueueChannel* channel, int)
        : subscriber_(Opened(Subscriber::Open(channel->options()))) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t>, Visit visit) {
      absl::StatusOr<BorrowedMessage> message = subscriber_.TryBorrow();
      if (!message.ok()) {
        if (!absl::IsUnavailable(message.status())) Fail("TryBorrow", message.status());
        return false;
      }
      visit(message->bytes());
      const absl::Status taken = message->Acknowledge();
      if (!taken.ok()) Fail("Acknowledge", taken);
      return true;
    }

   private:
    Subscriber subscriber_;
  };
};

}  // namespace

Contestant InterprocessQueue() { return MakeContestant<TryChannel>(); }
Contestant InterprocessExclusive() { return MakeContestant<ExclusiveChannel>(); }
Contestant InterprocessCloudtoid2() {
  return MakeContestant<CloudtoidChannel<Protocol::kCloudtoidV2>>();
}
Contestant InterprocessCloudtoid3() {
  return MakeContestant<CloudtoidChannel<Protocol::kCloudtoidV3>>();
}
Contestant InterprocessCloudtoid2Sleeping() {
  return MakeContestant<CloudtoidSleepingChannel<Protocol::kCloudtoidV2>>();
}
Contestant InterprocessCloudtoid3Sleeping() {
  return MakeContestant<CloudtoidSleepingChannel<Protocol::kCloudtoidV3>>();
}
Contestant InterprocessBlocking() { return MakeContestant<BlockingChannel>(); }
Contestant InterprocessSleeping() { return MakeContestant<SleepingChannel>(); }
Contestant InterprocessInPlace() { return MakeContestant<InPlaceChannel<false>>(); }
Contestant InterprocessInPlaceWritten() { return MakeContestant<InPlaceChannel<true>>(); }

}  // namespace interprocess::benchmarks
