// SPDX-License-Identifier: MIT

// Small helpers for calls of Windows. For the sources of this folder only.

#ifndef INTERPROCESS_CORE_PLATFORM_WINDOWS_CALLS_H_
#define INTERPROCESS_CORE_PLATFORM_WINDOWS_CALLS_H_

#include <windows.h>

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "core/platform/directory.h"
#include "core/platform/handle.h"

namespace interprocess::platform {

inline HANDLE AsHandle(Handle handle) { return reinterpret_cast<HANDLE>(handle); }
inline Handle AsNumber(HANDLE handle) { return reinterpret_cast<Handle>(handle); }

// OsError for the error that the calling thread's last call left.
absl::Status LastError(absl::string_view call, absl::string_view object);

// InvalidArgument if `utf8` is not UTF-8.
absl::StatusOr<std::wstring> ToWide(absl::string_view utf8);
// What is not UTF-16 becomes U+FFFD.
std::string ToUtf8(const wchar_t* text, size_t length);

// The absolute path, in the form that may be longer than 260 characters and in which no name has a
// meaning of its own ("\\?\C:\queues").
absl::StatusOr<std::wstring> ExtendedPath(const std::string& path);

absl::StatusOr<FileIdentity> IdentityOfHandle(HANDLE handle, const std::string& path);

int64_t NanosSince1970(const FILETIME& time);

// Renames the open file, on the same volume, by its handle, which has the right DELETE. Fails with
// ERROR_ALREADY_EXISTS if the name is taken.
bool RenameFile(HANDLE handle, const std::wstring& path);

// Sees to it that the open file goes when it is closed; `handle` has the right DELETE.
bool DeleteOnClose(HANDLE handle);

// Closes a handle when it goes.
class OwnedHandle {
 public:
  explicit OwnedHandle(HANDLE handle) : handle_(handle) {}
  OwnedHandle(OwnedHandle&& other) noexcept
      : handle_(std::exchange(other.handle_, INVALID_HANDLE_VALUE)) {}
  OwnedHandle& operator=(OwnedHandle&&) = delete;
  ~OwnedHandle() {
    if (is_open()) CloseHandle(handle_);
  }

  // Windows says "none" in two ways, by the call.
  bool is_open() const { return handle_ != INVALID_HANDLE_VALUE && handle_ != nullptr; }
  HANDLE get() const { return handle_; }
  HANDLE Release() { return std::exchange(handle_, INVALID_HANDLE_VALUE); }

 private:
  HANDLE handle_;
};

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_WINDOWS_CALLS_H_
