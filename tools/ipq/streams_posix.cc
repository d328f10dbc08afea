// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"

namespace ipq {
namespace {

static_assert(kStandardInput == STDIN_FILENO && kStandardOutput == STDOUT_FILENO &&
              kStandardError == STDERR_FILENO);

// How long a reader may pause after a stop was asked for before the rest is not written.
constexpr int kPatienceMs = 200;

// True if the pipe at `descriptor` could be made to hold one piece at a time: then it has room only
// when its reader has taken everything.
bool MakePipeSmall(int descriptor) {
#ifdef F_SETPIPE_SZ
  return fcntl(descriptor, F_SETPIPE_SZ, 1) == sysconf(_SC_PAGESIZE);
#else
  (void)descriptor;
  return false;
#endif
}

bool HoldsNothing(int pipe) {
  int unread = 0;
  return ioctl(pipe, FIONREAD, &unread) == 0 && unread == 0;
}

}  // namespace

std::vector<std::string> PrepareStreams(int argc, char** argv) {
  for (int descriptor : {kStandardInput, kStandardOutput, kStandardError}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    // open takes the lowest free number, which is this one. Opened for the wrong direction, so that
    // its use fails. The root is for where there is no /dev.
    const int wrong = descriptor == kStandardInput ? O_WRONLY : O_RDONLY;
    if (open("/dev/null", wrong) != descriptor && open("/", O_RDONLY) != descriptor) {
      ExitAtOnce(EXIT_FAILURE);
    }
  }
  signal(SIGPIPE, SIG_IGN);
  return {argv, argv + argc};
}

std::string EnvironmentVariable(const std::string& name) {
  const char* value = getenv(name.c_str());
  return value == nullptr ? "" : value;
}

absl::Status CheckStandardStream(int descriptor) {
  const int flags = fcntl(descriptor, F_GETFL);
  const int wrong = descriptor == kStandardInput ? O_WRONLY : O_RDONLY;
  if (flags >= 0 && (flags & O_ACCMODE) != wrong) return absl::OkStatus();
  return absl::ErrnoToStatus(EBADF, StandardStreamName(descriptor));
}

void ExitAtOnce(int code) { _exit(code); }

bool IsTerminal(int descriptor) { return isatty(descriptor) != 0; }

size_t TerminalWidth(int descriptor) {
  winsize size = {};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

absl::StatusOr<int> OpenInput(const std::string& path) {
  // A fifo would make the open itself wait, out of a stop's reach; the reader waits by polling.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "open");
  return descriptor;
}

void CloseInput(int descriptor) { close(descriptor); }

absl::StatusOr<size_t> ReadInput(int descriptor, absl::Span<uint8_t> room,
                                 const StopSignals& stop) {
  for (;;) {
    pollfd descriptors[] = {{descriptor, POLLIN, 0}, {stop.descriptor(), POLLIN, 0}};
    while (poll(descriptors, 2, -1) < 0) {
      if (errno != EINTR) return absl::ErrnoToStatus(errno, "poll");
    }
    if (descriptors[1].revents != 0) return absl::CancelledError();
    const ssize_t count = read(descriptor, room.data(), room.size());
    if (count >= 0) return static_cast<size_t>(count);
    if (errno != EINTR && errno != EAGAIN) return absl::ErrnoToStatus(errno, "read");
  }
}

Output::Output(int descriptor, bool tell_taken, const StopSignals& stop)
    : descriptor_(descriptor), stop_(stop) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) return;
  is_file_ = S_ISREG(status.st_mode);
  tells_taken_ = tell_taken && S_ISFIFO(status.st_mode) && MakePipeSmall(descriptor);
}

absl::Status Output::Write(absl::string_view bytes, uint64_t& written) {
  while (!bytes.empty()) {
    // Where there is room at all, there is room for PIPE_BUF: the write does not wait, so that a
    // stop is not held up by a reader that does not read. A file always takes everything.
    const size_t piece = is_file_ ? bytes.size() : std::min<size_t>(bytes.size(), PIPE_BUF);
    if (!is_file_) {
      if (absl::Status room = WaitForRoom(); !room.ok()) return room;
    }
    const ssize_t count = write(descriptor_, bytes.data(), piece);
    if (count < 0) {
      if (errno == EINTR || errno == EAGAIN) continue;
      if (errno == EPIPE || errno == ECONNRESET) return absl::AbortedError("");
      return absl::ErrnoToStatus(errno, "standard output: write");
    }
    written += static_cast<uint64_t>(count);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

absl::Status Output::WaitUntilTaken() {
  if (!tells_taken_) return absl::OkStatus();
  const absl::Status room = WaitForRoom();
  // A reader that is gone may have read all before.
  return absl::IsAborted(room) && HoldsNothing(descriptor_) ? absl::OkStatus() : room;
}

absl::Status Output::WaitForRoom() const {
  pollfd descriptors[] = {{descriptor_, POLLOUT, 0}, {stop_.descriptor(), POLLIN, 0}};
  bool stopping = false;
  for (;;) {
    // Once a stop is asked for, its descriptor stays readable: only the output is looked at.
    const int ready = poll(descriptors, stopping ? 1 : 2, stopping ? kPatienceMs : -1);
    if (ready < 0) {
      if (errno == EINTR) continue;
      return absl::ErrnoToStatus(errno, "standard output: poll");
    }
    if ((descriptors[0].revents & POLLERR) != 0) return absl::AbortedError("");
    if (descriptors[0].revents != 0) return absl::OkStatus();
    if (ready == 0) return absl::CancelledError();
    stopping = true;
  }
}

}  // namespace ipq
