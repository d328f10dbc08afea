// SPDX-License-Identifier: MIT

#include <windows.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/clock.h"
#include "core/platform/os_error.h"
#include "core/platform/security_windows.h"
#include "core/platform/semaphore.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

// SEMAPHORE_QUERY_STATE, which the headers do not name.
constexpr DWORD kQueryState = 0x0001;
constexpr DWORD kRights = kQueryState | SEMAPHORE_MODIFY_STATE | SYNCHRONIZE;

absl::Status CheckName(absl::string_view name) {
  if (name.empty()) return absl::InvalidArgumentError("semaphore '': the name is empty");
  if (name.size() > kMaxSemaphoreNameLength) {
    return absl::InvalidArgumentError(absl::StrCat("semaphore '", absl::CHexEscape(name),
                                                   "': its name has ", name.size(), " bytes, ",
                                                   kMaxSemaphoreNameLength, " at most may be"));
  }
  if (name.find_first_of(absl::string_view("/\\\0", 3)) != name.npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "semaphore '", absl::CHexEscape(name), "': the name holds a slash, a backslash or a NUL"));
  }
  return absl::OkStatus();
}

Permission PermissionOf(const SemaphoreOptions& options) {
  Permission permission = options.access;
  if (options.mode.has_value()) {
    const uint32_t mode = *options.mode;
    permission.who = (mode & 07) == 07     ? Access::kEveryone
                     : (mode & 070) == 070 ? Access::kGroup
                                           : Access::kOwner;
  }
  return permission;
}

// Says what the system's number does not.
absl::Status OpenError(absl::string_view call, absl::string_view name, DWORD error,
                       bool machine_wide) {
  const absl::Status status = OsError(call, name, static_cast<int>(error));
  if (error == ERROR_INVALID_HANDLE) {
    return absl::FailedPreconditionError(
        absl::StrCat(status.message(), ": an object of another kind has this name"));
  }
  if (machine_wide && (error == ERROR_ACCESS_DENIED || error == ERROR_PRIVILEGE_NOT_HELD)) {
    return absl::PermissionDeniedError(
        absl::StrCat(status.message(),
                     ": it belongs to another user, or this session may make no names in Global\\ "
                     "(privilege SeCreateGlobalPrivilege)"));
  }
  return status;
}

// NtQuerySemaphore, which is not among the documented ways but is the only one that takes nothing.
struct SemaphoreState {
  LONG value;
  LONG maximum;
};
using QueryFunction = LONG(NTAPI*)(HANDLE, int information, void*, ULONG size, ULONG* returned);

}  // namespace

// MAX_PATH without the prefix.
const size_t kMaxSemaphoreNameLength = 250;

absl::StatusOr<NamedSemaphore> NamedSemaphore::Open(const std::string& name,
                                                    const SemaphoreOptions& options) {
  ABSL_RETURN_IF_ERROR(CheckName(name));
  if (options.initial_value > kMaxSemaphoreInitialValue) {
    return absl::InvalidArgumentError(absl::StrCat("semaphore '", name, "': initial value ",
                                                   options.initial_value, " is above ",
                                                   kMaxSemaphoreInitialValue));
  }
  const std::string system_name = absl::StrCat(options.machine_wide ? "Global\\" : "Local\\", name);
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(system_name));
  NamedSemaphore result;
  result.name_ = name;
  if (options.open == SemaphoreOpen::kOpenExisting) {
    result.handle_ = OpenSemaphoreW(kRights, FALSE, wide.c_str());
    if (result.is_open()) return result;
    return OpenError("OpenSemaphore", system_name, GetLastError(), options.machine_wide);
  }
  ABSL_ASSIGN_OR_RETURN(SecurityDescriptor security,
                        SecurityDescriptor::For(PermissionOf(options), kSemaphoreRights));
  result.handle_ = CreateSemaphoreExW(
      security.attributes(), static_cast<LONG>(options.initial_value),
      static_cast<LONG>(kMaxSemaphoreInitialValue), wide.c_str(), /*dwFlags=*/0, kRights);
  const DWORD error = GetLastError();
  if (!result.is_open()) {
    return OpenError("CreateSemaphoreEx", system_name, error, options.machine_wide);
  }
  if (options.open == SemaphoreOpen::kCreateNew && error == ERROR_ALREADY_EXISTS) {
    return OsError("CreateSemaphoreEx", system_name, static_cast<int>(error));
  }
  return result;
}

absl::Status NamedSemaphore::Remove(const std::string& name) { return CheckName(name); }

NamedSemaphore::NamedSemaphore(NamedSemaphore&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), name_(std::move(other.name_)) {}

NamedSemaphore& NamedSemaphore::operator=(NamedSemaphore&& other) noexcept {
  if (this != &other) {
    Close();
    handle_ = std::exchange(other.handle_, nullptr);
    name_ = std::move(other.name_);
  }
  return *this;
}

absl::Status NamedSemaphore::Post() const {
  // At the maximum, every waiter has permits enough.
  if (ReleaseSemaphore(handle_, 1, nullptr) || GetLastError() == ERROR_TOO_MANY_POSTS) {
    return absl::OkStatus();
  }
  return LastError("ReleaseSemaphore", name_);
}

bool NamedSemaphore::TryWait() const { return WaitForSingleObject(handle_, 0) == WAIT_OBJECT_0; }

absl::StatusOr<bool> NamedSemaphore::Wait(int64_t timeout_ns) const {
  constexpr int64_t kMillisecond = 1'000'000;
  // A day: less than what a wait can be told, and not INFINITE.
  constexpr int64_t kLongestWait = int64_t{86'400'000} * kMillisecond;
  const int64_t now = MonotonicNanos();
  const int64_t deadline =
      now + std::clamp<int64_t>(timeout_ns, 0, std::numeric_limits<int64_t>::max() - now);
  while (true) {
    const int64_t left = std::clamp<int64_t>(deadline - MonotonicNanos(), 0, kLongestWait);
    const DWORD milliseconds = static_cast<DWORD>((left + kMillisecond - 1) / kMillisecond);
    const DWORD result = WaitForSingleObject(handle_, milliseconds);
    if (result == WAIT_OBJECT_0) return true;
    if (result != WAIT_TIMEOUT) return LastError("wait for semaphore", name_);
    if (left == 0) return false;
  }
}

absl::StatusOr<int> NamedSemaphore::Value() const {
  static const auto query = reinterpret_cast<QueryFunction>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "NtQuerySemaphore")));
  SemaphoreState state = {};
  if (query == nullptr || query(handle_, 0, &state, sizeof state, nullptr) < 0) {
    return absl::UnimplementedError(
        absl::StrCat("NtQuerySemaphore '", name_, "': this system does not tell"));
  }
  return int{state.value};
}

void NamedSemaphore::Close() {
  if (handle_ != nullptr) CloseHandle(std::exchange(handle_, nullptr));
}

}  // namespace interprocess::platform
