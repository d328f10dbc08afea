// SPDX-License-Identifier: MIT

// A pair of Unix sockets that keep messages apart (SOCK_SEQPACKET).

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"

namespace interprocess::benchmarks {
namespace {

class SocketChannel {
 public:
  static constexpr absl::string_view kName = "Unix socket";
  static constexpr bool kOneToOne = false;

  explicit SocketChannel(const ChannelOptions& options) {
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends_) != 0) {
      FailMeasurement("socketpair failed");
    }
    // The privileged call goes beyond the system's limit; the other takes what the limit allows.
    const int size = static_cast<int>(options.capacity);
    if (setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0) {
      (void)setsockopt(ends_[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    }
  }
  SocketChannel(const SocketChannel&) = delete;
  SocketChannel& operator=(const SocketChannel&) = delete;
  ~SocketChannel() {
    close(ends_[0]);
    close(ends_[1]);
  }

  class Sender {
   public:
    Sender(SocketChannel* channel, int) : fd_(channel->ends_[0]) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      while (send(fd_, message.data(), message.size(), MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) FailMeasurement("send to a socket failed");
      }
      return true;
    }

   private:
    int fd_;
  };

  class Receiver {
   public:
    Receiver(SocketChannel* channel, int) : fd_(channel->ends_[1]) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      const ssize_t n = recv(fd_, buffer.data(), buffer.size(), 0);
      if (n < 0) {
        if (errno == EINTR) return false;
        FailMeasurement("recv from a socket failed");
      }
      visit(absl::Span<const uint8_t>(buffer.data(), n));
      return true;
    }

   private:
    int fd_;
  };

 private:
  int ends_[2];
};

}  // namespace

Contestant UnixSocket() { return MakeContestant<SocketChannel>(); }

}  // namespace interprocess::benchmarks
