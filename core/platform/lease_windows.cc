// SPDX-License-Identifier: MIT

#include <windows.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "core/platform/directory.h"
#include "core/platform/lease.h"
#include "core/platform/private_handle.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

// Lease n is the byte at this offset plus n: far behind the end of any file, and far enough from
// the largest offset for every n. All processes that share a file must agree on it, so it is as
// fixed as the file's format.
constexpr uint64_t kLeaseBase = uint64_t{1} << 61;

OVERLAPPED At(uint64_t first) {
  OVERLAPPED place = {};
  place.Offset = static_cast<DWORD>(kLeaseBase + first);
  place.OffsetHigh = static_cast<DWORD>((kLeaseBase + first) >> 32);
  return place;
}

// Never waits. False with ERROR_LOCK_VIOLATION if somebody else is in the way, or, for an exclusive
// lock, this handle.
bool LockBytes(HANDLE handle, uint64_t first, uint32_t count, LeaseMode mode) {
  OVERLAPPED place = At(first);
  const DWORD flags = LOCKFILE_FAIL_IMMEDIATELY |
                      (mode == LeaseMode::kExclusive ? DWORD{LOCKFILE_EXCLUSIVE_LOCK} : DWORD{0});
  return LockFileEx(handle, flags, 0, count, 0, &place);
}

// Where the same bytes are locked twice by one handle, this ends the exclusive lock.
bool UnlockBytes(HANDLE handle, uint64_t first, uint32_t count) {
  OVERLAPPED place = At(first);
  return UnlockFileEx(handle, 0, count, 0, &place);
}

bool InTheWay() { return GetLastError() == ERROR_LOCK_VIOLATION; }

// Who looks whether a lease is held has it locked, shared, for that moment: that must not shut out
// who wants it. A holder, or a proof of death, outlasts these attempts.
bool LockExclusively(HANDLE handle, uint32_t lease) {
  constexpr int kAttempts = 16;
  for (int attempt = 1; !LockBytes(handle, lease, 1, LeaseMode::kExclusive); ++attempt) {
    if (!InTheWay() || attempt == kAttempts) return false;
    if (!LockBytes(handle, lease, 1, LeaseMode::kShared)) return false;  // held exclusively
    UnlockBytes(handle, lease, 1);
    Sleep(attempt < kAttempts / 2 ? 0 : 1);
  }
  return true;
}

}  // namespace

const bool kLeasesLeaveFiles = false;

absl::StatusOr<LeaseFile> LeaseFile::Open(const File& file) {
  LeaseFile result;
  result.path_ = file.path();
  // The same file, whatever its name is by now.
  result.handle_ = PrivateHandle::Open([&file] {
    return AsNumber(ReOpenFile(AsHandle(file.handle()), GENERIC_READ,
                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, 0));
  });
  if (result.handle_.get() < 0) return LastError("ReOpenFile", file.path());
  return result;
}

absl::StatusOr<Handle> LeaseFile::OpenHandle() const {
  const Handle handle = handle_.get();
  if (handle >= 0) return handle;
  return absl::FailedPreconditionError(absl::StrCat("leases of '", path_, "': not open"));
}

absl::StatusOr<bool> LeaseFile::TryLock(uint32_t lease, LeaseMode mode) {
  ABSL_ASSIGN_OR_RETURN(Handle open, OpenHandle());
  const HANDLE handle = AsHandle(open);
  const auto held = modes_.find(lease);
  if (held == modes_.end()) {
    const bool had = mode == LeaseMode::kExclusive ? LockExclusively(handle, lease)
                                                   : LockBytes(handle, lease, 1, mode);
    if (had) modes_.emplace(lease, mode);
    if (had || InTheWay()) return had;
    return LastError("LockFileEx", path_);
  }
  if (held->second == mode) return true;
  if (mode == LeaseMode::kShared) {
    // Over the exclusive lock, which ends first: at no moment is the lease free.
    if (!LockBytes(handle, lease, 1, mode)) return LastError("LockFileEx", path_);
    if (!UnlockBytes(handle, lease, 1)) return LastError("UnlockFileEx", path_);
    held->second = mode;
    return true;
  }
  // An exclusive lock goes over no other, not even one's own: free for a moment, or for good, if
  // another is faster.
  if (!UnlockBytes(handle, lease, 1)) return LastError("UnlockFileEx", path_);
  if (LockExclusively(handle, lease)) {
    held->second = mode;
    return true;
  }
  const bool refused = InTheWay();
  if (LockBytes(handle, lease, 1, LeaseMode::kShared) && refused) return false;
  const absl::Status status = LastError("LockFileEx", path_);
  modes_.erase(held);
  return status;
}

absl::Status LeaseFile::Unlock(uint32_t lease) {
  ABSL_ASSIGN_OR_RETURN(Handle handle, OpenHandle());
  const auto held = modes_.find(lease);
  if (held == modes_.end()) return absl::OkStatus();
  if (!UnlockBytes(AsHandle(handle), lease, 1)) return LastError("UnlockFileEx", path_);
  modes_.erase(held);
  return absl::OkStatus();
}

// The system does not tell which process holds a lease, so this tries to share the leases. For the
// moment that it has them nobody can take them exclusively. Should the process be stopped in that
// moment, its hold lasts: so it never has more than a small part of a range.
absl::StatusOr<bool> LeaseFile::IsHeldExclusively(uint32_t first, uint32_t count) const {
  constexpr uint64_t kPieces = 64;
  ABSL_ASSIGN_OR_RETURN(Handle open, OpenHandle());
  const HANDLE handle = AsHandle(open);
  const uint64_t end = uint64_t{first} + count;
  const uint64_t piece = std::max<uint64_t>(1, count / kPieces);
  for (uint64_t next = first; next < end;) {
    uint64_t stop = std::min(end, next + piece);
    bool is_own = false;
    for (const auto& [lease, mode] : modes_) {
      if (mode != LeaseMode::kExclusive || lease < next || lease >= stop) continue;
      is_own |= lease == next;
      stop = std::max<uint64_t>(lease, next + 1);
    }
    if (!is_own) {
      const uint32_t size = static_cast<uint32_t>(stop - next);
      if (!LockBytes(handle, next, size, LeaseMode::kShared)) {
        if (InTheWay()) return true;
        return LastError("LockFileEx", path_);
      }
      if (!UnlockBytes(handle, next, size)) return LastError("UnlockFileEx", path_);
    }
    next = stop;
  }
  return false;
}

void LeaseFile::Close() {
  modes_.clear();
  handle_.Close();
}

}  // namespace interprocess::platform
