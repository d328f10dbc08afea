// SPDX-License-Identifier: MIT

#include "core/platform/windows_calls.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "core/platform/os_error.h"

namespace interprocess::platform {
namespace {

constexpr wchar_t kExtended[] = L"\\\\?\\";
constexpr wchar_t kExtendedShare[] = L"\\\\?\\UNC\\";

bool StartsWith(const std::wstring& text, const wchar_t* prefix) {
  return text.rfind(prefix, 0) == 0;
}

}  // namespace

absl::Status LastError(absl::string_view call, absl::string_view object) {
  return OsError(call, object, static_cast<int>(GetLastError()));
}

absl::StatusOr<std::wstring> ToWide(absl::string_view utf8) {
  std::wstring wide;
  if (utf8.empty()) return wide;
  const int size = static_cast<int>(utf8.size());
  const int length =
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), size, nullptr, 0);
  if (length == 0) {
    return absl::InvalidArgumentError(absl::StrCat("'", absl::CHexEscape(utf8), "' is not UTF-8"));
  }
  wide.resize(static_cast<size_t>(length));
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, utf8.data(), size, wide.data(), length);
  return wide;
}

std::string ToUtf8(const wchar_t* text, size_t length) {
  std::string utf8;
  if (length == 0) return utf8;
  const int size =
      WideCharToMultiByte(CP_UTF8, 0, text, static_cast<int>(length), nullptr, 0, nullptr, nullptr);
  utf8.resize(static_cast<size_t>(size));
  WideCharToMultiByte(CP_UTF8, 0, text, static_cast<int>(length), utf8.data(), size, nullptr,
                      nullptr);
  return utf8;
}

absl::StatusOr<std::wstring> ExtendedPath(const std::string& path) {
  absl::StatusOr<std::wstring> wide = ToWide(path);
  if (!wide.ok() || StartsWith(*wide, kExtended)) return wide;
  // Makes it absolute, turns slashes around and takes "." and ".." out, which the extended form
  // does not know.
  std::wstring full;
  DWORD length = GetFullPathNameW(wide->c_str(), 0, nullptr, nullptr);
  while (length > full.size()) {
    full.resize(length);
    length = GetFullPathNameW(wide->c_str(), length, full.data(), nullptr);
  }
  if (length == 0) return LastError("GetFullPathName", path);
  full.resize(length);
  if (StartsWith(full, L"\\\\.\\")) return full;  // a device
  if (StartsWith(full, L"\\\\")) return kExtendedShare + full.substr(2);
  return kExtended + full;
}

absl::StatusOr<FileIdentity> IdentityOfHandle(HANDLE handle, const std::string& path) {
  constexpr int kQuestions = 10;
  FILE_ID_INFO info;
  bool answered = false;
  // Wine, when it is busy, does not know the volume and says 0: asked again.
  for (int i = 0; i < kQuestions; ++i) {
    answered = GetFileInformationByHandleEx(handle, FileIdInfo, &info, sizeof info);
    if (!answered || info.VolumeSerialNumber != 0) break;
    Sleep(1);
  }
  if (answered) {
    uint64_t halves[2];
    static_assert(sizeof halves == sizeof info.FileId);
    std::memcpy(halves, &info.FileId, sizeof halves);
    // The upper half is 0 but on ReFS; times an odd number, so that it does not cancel the lower.
    return FileIdentity{info.VolumeSerialNumber, halves[0] ^ halves[1] * 0x9e3779b97f4a7c15u};
  }
  // File systems without long ids; whether one has them is the same for all callers.
  BY_HANDLE_FILE_INFORMATION plain;
  if (!GetFileInformationByHandle(handle, &plain)) {
    return LastError("GetFileInformationByHandle", path);
  }
  return FileIdentity{plain.dwVolumeSerialNumber,
                      uint64_t{plain.nFileIndexHigh} << 32 | plain.nFileIndexLow};
}

int64_t NanosSince1970(const FILETIME& time) {
  // In units of 100 ns since 1601; this many lie before 1970.
  constexpr int64_t kUnitsBefore1970 = 116'444'736'000'000'000;
  const int64_t units =
      static_cast<int64_t>(uint64_t{time.dwHighDateTime} << 32 | time.dwLowDateTime);
  return (units - kUnitsBefore1970) * 100;
}

bool RenameFile(HANDLE handle, const std::wstring& path) {
  const size_t bytes = path.size() * sizeof(wchar_t);
  std::vector<char> memory(sizeof(FILE_RENAME_INFO) + bytes);
  auto* info = reinterpret_cast<FILE_RENAME_INFO*>(memory.data());
  info->ReplaceIfExists = FALSE;
  info->FileNameLength = static_cast<DWORD>(bytes);
  std::memcpy(info->FileName, path.data(), bytes);
  return SetFileInformationByHandle(handle, FileRenameInfo, info,
                                    static_cast<DWORD>(memory.size()));
}

bool DeleteOnClose(HANDLE handle) {
  FILE_DISPOSITION_INFO disposition = {TRUE};
  return SetFileInformationByHandle(handle, FileDispositionInfo, &disposition, sizeof disposition);
}

}  // namespace interprocess::platform
