// SPDX-License-Identifier: MIT

// A pipe. Messages of up to PIPE_BUF bytes are atomic, so several may share it.

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "benchmarks/contestants/contestant.h"

namespace interprocess::benchmarks {
namespace {

class PipeChannel {
 public:
  static constexpr absl::string_view kName = "pipe";
  static constexpr bool kOneToOne = false;

  explicit PipeChannel(const ChannelOptions& options) {
    if (pipe2(ends_, O_CLOEXEC) != 0) FailMeasurement("pipe2 failed");
    // What the system allows: 1 MiB by default for those who are not privileged.
    (void)fcntl(ends_[1], F_SETPIPE_SZ, static_cast<int>(options.capacity));
  }
  PipeChannel(const PipeChannel&) = delete;
  PipeChannel& operator=(const PipeChannel&) = delete;
  ~PipeChannel() {
    close(ends_[0]);
    close(ends_[1]);
  }

  class Sender {
   public:
    Sender(PipeChannel* channel, int) : fd_(channel->ends_[1]) {}

    bool TrySend(absl::Span<const uint8_t> message) {
      size_t sent = 0;
      while (sent < message.size()) {
        const ssize_t n = write(fd_, message.data() + sent, message.size() - sent);
        if (n > 0) {
          sent += n;
        } else if (errno != EINTR) {
          FailMeasurement("write to a pipe failed");
        }
      }
      return true;
    }

   private:
    int fd_;
  };

  class Receiver {
   public:
    Receiver(PipeChannel* channel, int) : fd_(channel->ends_[0]) {}

    template <typename Visit>
    bool TryReceive(absl::Span<uint8_t> buffer, Visit visit) {
      size_t received = 0;
      while (received < buffer.size()) {
        const ssize_t n = read(fd_, buffer.data() + received, buffer.size() - received);
        if (n > 0) {
          received += n;
        } else if (n == 0 || errno != EINTR) {
          FailMeasurement("read from a pipe failed");
        } else if (received == 0) {
          return false;
        }
      }
      visit(absl::Span<const uint8_t>(buffer));
      return true;
    }

   private:
    int fd_;
  };

 private:
  int ends_[2];
};

}  // namespace

Contestant Pipe() { return MakeContestant<PipeChannel>(); }

}  // namespace interprocess::benchmarks
