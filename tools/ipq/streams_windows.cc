// SPDX-License-Identifier: MIT

// clang-format off
#include <windows.h>
#include <shellapi.h>  // needs the other
// clang-format on

#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "core/platform/os_error.h"
#include "core/platform/windows_calls.h"
#include "tools/ipq/stop_signals.h"
#include "tools/ipq/streams.h"

namespace ipq {
namespace {

using interprocess::platform::ExtendedPath;
using interprocess::platform::LastError;
using interprocess::platform::ToUtf8;
using interprocess::platform::ToWide;

// How often a pipe is looked at, which cannot be waited for together with a stop.
constexpr DWORD kPauseMs = 5;

HANDLE HandleOf(int descriptor) { return reinterpret_cast<HANDLE>(_get_osfhandle(descriptor)); }

// The writer of the pipe is gone: its end.
bool IsEnd(DWORD error) { return error == ERROR_BROKEN_PIPE || error == ERROR_HANDLE_EOF; }

}  // namespace

std::vector<std::string> PrepareStreams(int argc, char** argv) {
  for (int descriptor : {kStandardInput, kStandardOutput, kStandardError}) {
    _setmode(descriptor, _O_BINARY);
  }
  // `argv` is in the system's code page, which may lack some of the letters.
  int count = 0;
  wchar_t** words = CommandLineToArgvW(GetCommandLineW(), &count);
  if (words == nullptr) return {argv, argv + argc};
  std::vector<std::string> result;
  for (int i = 0; i < count; ++i) result.push_back(ToUtf8(words[i], wcslen(words[i])));
  LocalFree(words);
  return result;
}

std::string EnvironmentVariable(const std::string& name) {
  const absl::StatusOr<std::wstring> wide = ToWide(name);
  if (!wide.ok()) return "";
  std::wstring value(GetEnvironmentVariableW(wide->c_str(), nullptr, 0), L'\0');
  value.resize(
      GetEnvironmentVariableW(wide->c_str(), value.data(), static_cast<DWORD>(value.size())));
  return ToUtf8(value.data(), value.size());
}

// The system gives no other file the place of a standard handle: a closed one needs no other in its
// stead.
absl::Status CheckStandardStream(int descriptor) {
  // The C library has -2 for a descriptor that the process was started without.
  const intptr_t handle = _get_osfhandle(descriptor);
  if (handle != -1 && handle != -2 && handle != 0 &&
      GetFileType(HandleOf(descriptor)) != FILE_TYPE_UNKNOWN) {
    return absl::OkStatus();
  }
  return absl::ErrnoToStatus(EBADF, StandardStreamName(descriptor));
}

void ExitAtOnce(int code) { _exit(code); }

bool IsTerminal(int descriptor) { return _isatty(descriptor) != 0; }

size_t TerminalWidth(int descriptor) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  if (!GetConsoleScreenBufferInfo(HandleOf(descriptor), &info)) return 0;
  return static_cast<size_t>(info.srWindow.Right - info.srWindow.Left + 1);
}

absl::StatusOr<int> OpenInput(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, ExtendedPath(path));
  const HANDLE handle = CreateFileW(wide.c_str(), GENERIC_READ,
                                    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                    OPEN_EXISTING, 0, nullptr);
  if (handle == INVALID_HANDLE_VALUE) return LastError("open", path);
  return _open_osfhandle(reinterpret_cast<intptr_t>(handle), _O_RDONLY | _O_BINARY);
}

void CloseInput(int descriptor) { _close(descriptor); }

absl::StatusOr<size_t> ReadInput(int descriptor, absl::Span<uint8_t> room,
                                 const StopSignals& stop) {
  const HANDLE handle = HandleOf(descriptor);
  if (GetFileType(handle) == FILE_TYPE_PIPE) {
    DWORD ready = 0;
    while (!stop.stopped() && ready == 0) {
      if (!PeekNamedPipe(handle, nullptr, 0, nullptr, &ready, nullptr)) {
        if (IsEnd(GetLastError())) return 0;
        return LastError("PeekNamedPipe", "the input");
      }
      if (ready == 0) Sleep(kPauseMs);
    }
  }
  if (stop.stopped()) return absl::CancelledError();
  DWORD count = 0;
  const DWORD wanted = static_cast<DWORD>(std::min<size_t>(room.size(), 1 << 20));
  if (!ReadFile(handle, room.data(), wanted, &count, nullptr) && !IsEnd(GetLastError())) {
    // What Ctrl-C makes of a read from a console.
    if (GetLastError() == ERROR_OPERATION_ABORTED) return absl::CancelledError();
    return LastError("ReadFile", "the input");
  }
  return size_t{count};
}

// Windows tells neither whether a pipe has room nor when its reader has taken what it holds.
Output::Output(int descriptor, bool, const StopSignals& stop)
    : descriptor_(descriptor), stop_(stop) {}

absl::Status Output::Write(absl::string_view bytes, uint64_t& written) {
  while (!bytes.empty()) {
    // A write that waits for a reader ends with the process, at the second Ctrl-C.
    DWORD count = 0;
    const DWORD piece = static_cast<DWORD>(std::min<size_t>(bytes.size(), 64 << 10));
    if (!WriteFile(HandleOf(descriptor_), bytes.data(), piece, &count, nullptr)) {
      const DWORD error = GetLastError();
      if (error == ERROR_NO_DATA || error == ERROR_BROKEN_PIPE ||
          error == ERROR_PIPE_NOT_CONNECTED) {
        return absl::AbortedError("");
      }
      return interprocess::platform::OsError("WriteFile", "standard output",
                                             static_cast<int>(error));
    }
    written += count;
    bytes.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status Output::WaitUntilTaken() { return absl::OkStatus(); }

}  // namespace ipq
