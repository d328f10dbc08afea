// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "core/platform/os_error.h"
#include "core/platform/posix_calls.h"
#include "core/platform/proc_file_linux.h"
#include "core/platform/reserve.h"

namespace interprocess::platform {
namespace {

constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

// A file system that keeps its files in memory gives up all it has taken when a signal interrupts
// it. In pieces of a few milliseconds it gets on even if signals come often.
constexpr int64_t kPiece = int64_t{8} << 20;

// The number that a file holds; `otherwise` if there is none ("max", say).
int64_t ReadNumber(const std::string& path, int64_t otherwise) {
  int64_t value;
  return absl::SimpleAtoi(ReadText(path), &value) ? value : otherwise;
}

// Bytes of file contents that the kernel can drop when a group needs room. (Pages of a file system
// in memory are not among them.)
int64_t DroppableBytes(const std::string& statistics, absl::string_view prefix) {
  int64_t sum = 0;
  for (absl::string_view line : absl::StrSplit(statistics, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    int64_t value;
    if (words.size() == 2 && absl::ConsumePrefix(&line, prefix) &&
        (absl::StartsWith(line, "inactive_file ") || absl::StartsWith(line, "active_file ")) &&
        absl::SimpleAtoi(words[1], &value)) {
      sum += value;
    }
  }
  return sum;
}

// One of the two interfaces to memory control groups.
struct Interface {
  const char* limit;
  const char* usage;
  const char* statistics_prefix;
};
constexpr Interface kVersion2 = {"memory.max", "memory.current", ""};
constexpr Interface kVersion1 = {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_"};

// The least room of `group` and the groups above it, up to `mount`.
int64_t RoomBelow(const std::string& mount, std::string group, const Interface& files) {
  int64_t room = kUnlimited;
  for (;;) {
    const std::string folder = absl::StrCat(mount, group, "/");
    const int64_t limit = ReadNumber(folder + files.limit, kUnlimited);
    if (limit != kUnlimited) {
      const int64_t used =
          ReadNumber(folder + files.usage, 0) -
          DroppableBytes(ReadText(folder + "memory.stat"), files.statistics_prefix);
      room = std::min(room, std::max<int64_t>(0, limit - std::max<int64_t>(0, used)));
    }
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos) return room;
    group.resize(slash);
  }
}

absl::Status NotEnough(const std::string& path, int64_t wanted, int64_t available,
                       absl::string_view of_what) {
  return absl::ResourceExhaustedError(absl::StrCat("reserve space for '", path, "': ", wanted,
                                                   " bytes wanted, ", available,
                                                   " bytes available ", of_what));
}

constexpr char kOfFileSystem[] = "in its file system";
constexpr char kOfControlGroup[] = "to this process's memory control group";

struct Free {
  int64_t bytes = kUnlimited;
  bool in_memory = false;
};

Free FreeSpace(int handle) {
  Free result;
  struct statfs system;
  if (RetryOnInterrupt([&] { return fstatfs(handle, &system); }) != 0) return result;
  result.in_memory = system.f_type == TMPFS_MAGIC || system.f_type == RAMFS_MAGIC;
  if (system.f_blocks == 0) return result;  // no limit
  const uint64_t blocks = geteuid() == 0 ? system.f_bfree : system.f_bavail;
  const uint64_t block = static_cast<uint64_t>(system.f_bsize);
  if (blocks <= static_cast<uint64_t>(kUnlimited) / block) {
    result.bytes = static_cast<int64_t>(blocks * block);
  }
  return result;
}

absl::Status AllocateInPieces(int handle, const std::string& path, int64_t bytes) {
  for (int64_t done = 0; done < bytes;) {
    const int64_t piece = std::min(kPiece, bytes - done);
    if (RetryOnInterrupt([&] { return fallocate(handle, 0, done, piece); }) != 0) {
      if (errno == EOPNOTSUPP || errno == ENOSYS) {
        return internal::ReserveByWriting(handle, path, bytes);
      }
      return OsError("fallocate", path, errno);
    }
    done += piece;
  }
  return absl::OkStatus();
}

}  // namespace

namespace internal {

int64_t ControlGroupRoom(const std::string& cgroups, const std::string& root) {
  int64_t room = kUnlimited;
  for (absl::string_view line : absl::StrSplit(cgroups, '\n')) {
    // "hierarchy:controllers:group", with no controllers for version 2.
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::string group = fields[2] == "/" ? "" : fields[2];
    if (fields[0] == "0" && fields[1].empty()) {
      room = std::min(room, RoomBelow(root, group, kVersion2));
      room = std::min(room, RoomBelow(root + "/unified", group, kVersion2));
    } else {
      for (absl::string_view controller : absl::StrSplit(fields[1], ',')) {
        if (controller != "memory") continue;
        room = std::min(room, RoomBelow(root + "/memory", group, kVersion1));
      }
    }
  }
  return room;
}

}  // namespace internal

absl::Status ReserveSpace(int handle, const std::string& path, int64_t bytes) {
  const Free free = FreeSpace(handle);
  if (free.bytes < bytes) return NotEnough(path, bytes, free.bytes, kOfFileSystem);
  if (free.in_memory) {
    // The pages count for this process's group, and one that takes more than its group may have is
    // killed, not refused.
    const int64_t room =
        internal::ControlGroupRoom(ReadText("/proc/self/cgroup"), "/sys/fs/cgroup");
    if (room < bytes) return NotEnough(path, bytes, room, kOfControlGroup);
  }
  absl::Status status = AllocateInPieces(handle, path, bytes);
  if (status.ok()) return status;
  // What was had goes back; the caller drops the file in any case.
  (void)RetryOnInterrupt([&] { return ftruncate(handle, 0); });
  if (!absl::IsResourceExhausted(status)) return status;
  return NotEnough(path, bytes, FreeSpace(handle).bytes,
                   absl::StrCat(kOfFileSystem, " (", status.message(), ")"));
}

}  // namespace interprocess::platform
