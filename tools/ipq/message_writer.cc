#include "tools/ipq/message_writer.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/ipq/flags.h"
#include "tools/ipq/format.h"
#include "tools/ipq/stop_signals.h"

namespace ipq {
namespace {

constexpr size_t kGatherLimit = size_t{256} << 10;
constexpr size_t kLarge = size_t{64} << 10;

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

}  // namespace

MessageWriter::MessageWriter(int descriptor, Framing framing, Delivery delivery,
                             const StopSignals& stop)
    : descriptor_(descriptor), framing_(framing), stop_(stop) {
  struct stat status = {};
  if (fstat(descriptor, &status) != 0) return;
  is_file_ = S_ISREG(status.st_mode);
  tells_taken_ =
      delivery == Delivery::kTaken && S_ISFIFO(status.st_mode) && MakePipeSmall(descriptor);
}

absl::Status MessageWriter::Add(absl::string_view message) {
  if (framing_ == Framing::kLength) {
    if (message.size() > std::numeric_limits<uint32_t>::max()) {
      return absl::OutOfRangeError(absl::StrCat("a message of ", FormatBytes(message.size()),
                                                " has no length of four bytes"));
    }
    char prefix[4];
    for (size_t i = 0; i < sizeof(prefix); ++i) {
      prefix[i] = static_cast<char>(message.size() >> (8 * i));
    }
    gathered_.append(prefix, sizeof(prefix));
  }
  if (absl::Status added = AddBytes(message); !added.ok()) return added;
  if (framing_ == Framing::kLines) gathered_.push_back('\n');
  return absl::OkStatus();
}

absl::Status MessageWriter::Flush() {
  if (absl::Status written = WriteGathered(); !written.ok()) return written;
  if (!tells_taken_) return absl::OkStatus();
  const absl::Status room = WaitForRoom();
  // A reader that is gone may have read all before.
  return absl::IsAborted(room) && HoldsNothing() ? absl::OkStatus() : room;
}

absl::Status MessageWriter::AddBytes(absl::string_view bytes) {
  if (gathered_.size() + bytes.size() > kGatherLimit || bytes.size() >= kLarge) {
    if (absl::Status written = WriteGathered(); !written.ok()) return written;
  }
  if (bytes.size() >= kLarge) return Write(bytes);
  gathered_.append(bytes.data(), bytes.size());
  return absl::OkStatus();
}

absl::Status MessageWriter::WriteGathered() {
  // What is not written is lost to this writer: an error ends its use.
  absl::Status written = Write(gathered_);
  gathered_.clear();
  return written;
}

absl::Status MessageWriter::Write(absl::string_view bytes) {
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
    written_ += count;
    bytes.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status MessageWriter::WaitForRoom() const {
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

bool MessageWriter::HoldsNothing() const {
  int unread = 0;
  return ioctl(descriptor_, FIONREAD, &unread) == 0 && unread == 0;
}

}  // namespace ipq
