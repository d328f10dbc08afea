// SPDX-License-Identifier: MIT

#include "tools/jetstream/delivered_log.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <fstream>
#include <limits>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace jetstream {
namespace {

constexpr uint64_t kEntries = uint64_t{1} << 18;  // of each kind
// The stream that the floor is of, its time, its sequence.
constexpr uint64_t kFloorStream = 2 * kEntries;
constexpr uint64_t kFloorTime = kFloorStream + 1;
constexpr uint64_t kFloorSequence = kFloorStream + 2;
constexpr size_t kFileBytes = (kFloorSequence + 1) * sizeof(uint64_t);
static_assert(std::atomic<uint64_t>::is_always_lock_free);

absl::Status Failed(const std::string& path, absl::string_view what) {
  return absl::ErrnoToStatus(errno, absl::StrCat(what, " ", path));
}

// Now: a mapped file that finds no room later ends the process.
int TakeSpace(int fd) {
#ifdef __APPLE__
  return ftruncate(fd, kFileBytes) == 0 ? 0 : errno;
#else
  return posix_fallocate(fd, 0, kFileBytes);
#endif
}

// As SplitMix64 ends: each bit of the result depends on each of the argument. Not absl's hash,
// which is another in each process.
uint64_t Mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

// Of the mark, at most: a number, a blank and the id of the machine's start.
constexpr size_t kMarkBytes = 64;

// Of the machine, and while it sleeps as well.
int64_t SecondsSinceStart() {
#ifdef CLOCK_BOOTTIME
  constexpr clockid_t kClock = CLOCK_BOOTTIME;
#else
  constexpr clockid_t kClock = CLOCK_MONOTONIC;
#endif
  timespec now = {};
  clock_gettime(kClock, &now);
  return now.tv_sec;
}

// Another after each start of the machine; empty where the system tells none.
std::string StartId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

}  // namespace

absl::StatusOr<DeliveredLog> DeliveredLog::Open(const std::string& path, absl::string_view stream) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return Failed(path, "open");
  const absl::Cleanup close_it = [fd] { close(fd); };
  struct stat found;
  if (fstat(fd, &found) != 0) return Failed(path, "look at");
  if (!S_ISREG(found.st_mode) || found.st_uid != geteuid()) {
    return absl::PermissionDeniedError(absl::StrCat(path, " is no file of this user's"));
  }
  // What is there stays, and any bytes are entries: those that name no message are of no effect.
  if (const int error = TakeSpace(fd); error != 0) {
    errno = error;
    return Failed(path, "take the space for");
  }
  void* base = mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return Failed(path, "map");
  uint64_t hash = 0;
  for (const char c : stream) hash = Mix(hash ^ static_cast<unsigned char>(c));
  DeliveredLog log(static_cast<std::atomic<uint64_t>*>(base), hash);
  // Another stream's floor goes before its name does. seq_cst: in this order, whenever it is
  // killed.
  if (log.entries_[kFloorStream] != hash) {
    log.entries_[kFloorSequence] = 0;
    log.entries_[kFloorTime] = 0;
    log.entries_[kFloorStream] = hash;
  }
  return log;
}

DeliveredLog::~DeliveredLog() {
  if (entries_ != nullptr) munmap(entries_, kFileBytes);
}

// A name has no bit of the state, and is never 0, which an unused entry has.
DeliveredLog::Entry DeliveredLog::BySequence(const Key& key) const {
  return {&entries_[key.sequence % kEntries],
          (Mix(Mix(stream_ ^ key.sequence) ^ key.time) & ~kDone) | 2};
}

DeliveredLog::Entry DeliveredLog::ByPosition(const Key& key) const {
  // Several queues' positions, which all begin with 0, are spread.
  return {&entries_[kEntries + (key.unique + key.position) % kEntries],
          (Mix(Mix(key.unique) ^ key.position) & ~kDone) | 2};
}

DeliveredLog::State DeliveredLog::StateOf(const Entry& entry) {
  // acquire: a message that another bridge noted as done is in the queue.
  const uint64_t word = entry.word->load(std::memory_order_acquire);
  if ((word & ~kDone) != entry.name) return State::kNew;
  return (word & kDone) != 0 ? State::kDone : State::kBegun;
}

void DeliveredLog::RaiseFloor(uint64_t sequence, uint64_t time) {
  // release: the time is there before the sequence. Bridges that share the file may each raise it
  // to what the server said; the lower of two is as true.
  if (sequence <= entries_[kFloorSequence].load(std::memory_order_relaxed)) return;
  entries_[kFloorTime].store(time, std::memory_order_release);
  entries_[kFloorSequence].store(sequence, std::memory_order_release);
}

DeliveredLog::State DeliveredLog::Look(const Key& key) const {
  // acquire: pairs with the release of RaiseFloor.
  if (key.sequence <= entries_[kFloorSequence].load(std::memory_order_acquire) &&
      key.time <= entries_[kFloorTime].load(std::memory_order_acquire)) {
    return State::kDone;
  }
  const State state = StateOf(BySequence(key));
  return key.unique == 0 ? state : std::max(state, StateOf(ByPosition(key)));
}

void DeliveredLog::Store(const Key& key, uint64_t state) {
  // release, both: after the enqueue that they tell of.
  const Entry by_sequence = BySequence(key);
  by_sequence.word->store(by_sequence.name | state, std::memory_order_release);
  if (key.unique == 0) return;
  const Entry by_position = ByPosition(key);
  by_position.word->store(by_position.name | state, std::memory_order_release);
}

int64_t AliveMark::AgeSeconds() const {
  const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return -1;
  const absl::Cleanup close_it = [fd] { close(fd); };
  char text[kMarkBytes];
  const ssize_t size = pread(fd, text, sizeof(text), 0);
  const absl::string_view mark(text, size < 0 ? 0 : static_cast<size_t>(size));
  const size_t end = mark.find(' ');
  int64_t touched;
  if (end == absl::string_view::npos || !absl::SimpleAtoi(mark.substr(0, end), &touched)) return -1;
  const int64_t age = SecondsSinceStart() - touched;
  if (age < 0 || mark.substr(end + 1) != StartId()) return std::numeric_limits<int64_t>::max();
  return age;
}

void AliveMark::Touch() const {
  // A mark that cannot be made costs a warning after the next start, no message.
  const int fd = open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return;
  const absl::Cleanup close_it = [fd] { close(fd); };
  const std::string mark =
      absl::StrCat(absl::Dec(SecondsSinceStart(), absl::kZeroPad20), " ", StartId());
  if (pwrite(fd, mark.data(), mark.size(), 0) < 0) return;
}

}  // namespace jetstream
