// SPDX-License-Identifier: MIT

// ZeroMQ's push and pull sockets over its ipc transport.

#include <errno.h>
#include <zmq.h>

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"
#include "benchmarks/contestants/ring_geometry.h"
#include "benchmarks/harness/scratch.h"

namespace interprocess::benchmarks {
namespace {

// A context and a socket of this process; they do not survive a fork, so each worker has its own.
class Socket {
 public:
  Socket(int type, const ChannelOptions& options) {
    context_ = zmq_ctx_new();
    socket_ = zmq_socket(context_, type);
    if (socket_ == nullptr) Fail("zmq_socket");
    // Both sides buffer; together they hold the capacity.
    const int mark = static_cast<int>(std::max<uint64_t>(1, CellCount(options) / 2));
    Set(ZMQ_SNDHWM, mark);
    Set(ZMQ_RCVHWM, mark);
    // The other side may be late to bind.
    Set(ZMQ_RECONNECT_IVL, 1);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }

  [[noreturn]] static void Fail(absl::string_view call) {
    FailMeasurement(absl::StrCat(call, ": ", zmq_strerror(zmq_errno())));
  }

  void* get() { return socket_; }

 private:
  void Set(int option, int value) {
    if (zmq_setsockopt(socket_, option, &value, sizeof(value)) != 0) Fail("zmq_setsockopt");
  }

  void* context_;
  void* socket_;
};

class ZeroMqChannel {
 public:
  static constexpr absl::string_view kName = "ZeroMQ ipc";
  static constexpr bool kOneToOne = false;

  explicit ZeroMqChannel(const ChannelOptions& options)
      : options_(options),
        address_(absl::StrCat("ipc://", ScratchDirectory(), "/", UniqueName("zeromq"))) {}

  class Sender {
   public:
    Sender(ZeroMqChannel* channel, int) : socket_(ZMQ_PUSH, channel->options_) {
      for (int i = 0; i < channel->options_.subscribers; ++i) {
        if (zmq_connect(socket_.get(), channel->Address(i).c_str()) != 0) {
          Socket::Fail("zmq_connect");
        }
      }
    }

    bool TrySend(absl::Span<const uint8_t> message) {
      while (zmq_send(socket_.get(), message.data(), message.size(), 0) < 0) {
        if (zmq_errno() != EINTR) Socket::Fail("zmq_send");
      }
      return true;
    }

   private:
    Socket socket_;
  };

  class Receiver {
   public:
    Receiver(ZeroMqChannel* channel, int index) : socket_(ZMQ_PULL, channel->options_) {
      if (zmq_bind(socket_.get(), channel->Address(index).c_str()) != 0) Socket::Fail("zmq_bind");
    }

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      const int size = zmq_recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (size < 0) {
        if (zmq_errno() == EINTR) return false;
        Socket::Fail("zmq_recv");
      }
      visit(absl::Span<const uint8_t>(buffer.data(), size));
      return true;
    }

   private:
    Socket socket_;
  };

 private:
  std::string Address(int subscriber) const { return absl::StrCat(address_, ".", subscriber); }

  const ChannelOptions options_;
  const std::string address_;
};

}  // namespace

Contestant ZeroMq() {
  Contestant contestant = MakeContestant<ZeroMqChannel>();
  contestant.own_threads = true;
  // On a busy machine it sometimes loses what it has sent last, when the sender ends.
  contestant.may_fail = true;
  return contestant;
}

}  // namespace interprocess::benchmarks
