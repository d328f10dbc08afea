// SPDX-License-Identifier: MIT

#include <windows.h>
#include <winioctl.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/status_macros.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "core/platform/clock.h"
#include "core/platform/directory.h"
#include "core/platform/os_error.h"
#include "core/platform/private_handle.h"
#include "core/platform/process.h"
#include "core/platform/security_windows.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
// The first opens directories too, the second links and not what they lead to.
constexpr DWORD kOpenFlags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
constexpr wchar_t kLockName[] = L"\\.interprocess.lock";
constexpr char kLockRights[] = "FRSD";
constexpr char kTemporarySuffix[] = ".tmp";

absl::Status WrongKind(absl::string_view path, absl::string_view kind, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("open '", path, "': it is ", kind, ", not ", wanted));
}

// What an open handle or a name stands for, if it is neither a plain file nor a directory.
const char* LinkKind(DWORD reparse_tag) {
  switch (reparse_tag) {
    case IO_REPARSE_TAG_SYMLINK:
      return "a symbolic link";
    case IO_REPARSE_TAG_MOUNT_POINT:
      return "a junction";
    default:
      return "a reparse point";
  }
}

// OK for a file if `wants_file`, else for a directory.
absl::Status CheckKind(HANDLE handle, const std::string& path, bool wants_file) {
  const char* wanted = wants_file ? "a regular file" : "a directory";
  if (GetFileType(handle) != FILE_TYPE_DISK) return WrongKind(path, "a device", wanted);
  FILE_ATTRIBUTE_TAG_INFO info;
  if (!GetFileInformationByHandleEx(handle, FileAttributeTagInfo, &info, sizeof info)) {
    return LastError("GetFileInformationByHandleEx", path);
  }
  if ((info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    return WrongKind(path, LinkKind(info.ReparseTag), wanted);
  }
  const bool is_directory = (info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  if (is_directory == wants_file) {
    return WrongKind(path, is_directory ? "a directory" : "a file", wanted);
  }
  return absl::OkStatus();
}

// A name must not lead out of its directory, nor to a stream of a file ("file:stream").
absl::Status CheckName(absl::string_view name) {
  const bool sound = !name.empty() && name != "." && name != ".." &&
                     std::none_of(name.begin(), name.end(), [](char c) {
                       return static_cast<unsigned char>(c) < 0x20 ||
                              absl::string_view("<>:\"/\\|?*").find(c) != absl::string_view::npos;
                     });
  if (sound) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", absl::CHexEscape(name), "' is no name for a file"));
}

absl::StatusOr<std::wstring> PathIn(const std::string& directory, const std::string& name) {
  ABSL_RETURN_IF_ERROR(CheckName(name));
  return ToWide(absl::StrCat(directory, "\\", name));
}

// A name that nobody else uses now: the process and a moment. CREATE_NEW is what makes it sure.
std::string NewTemporaryName() {
  return absl::StrCat(".", ProcessId(), "-", MonotonicNanos(), kTemporarySuffix);
}

HANDLE OpenDirectoryHandle(const std::wstring& path, DWORD rights) {
  // Without FILE_SHARE_DELETE: while it is open nobody removes or moves the directory, so that its
  // path leads to it.
  return CreateFileW(path.c_str(), rights, FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr,
                     OPEN_EXISTING, kOpenFlags, nullptr);
}

// Why there is no such directory: nothing of that name, or a file where a directory is wanted.
absl::Status MissingDirectory(std::wstring wide, const std::string& path, DWORD error) {
  for (size_t end = wide.rfind(L'\\'); end != std::wstring::npos; end = wide.rfind(L'\\')) {
    wide.resize(end);
    const DWORD attributes = GetFileAttributesW(wide.c_str());
    if (attributes == INVALID_FILE_ATTRIBUTES) continue;
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
      return WrongKind(path, absl::StrCat("below '", ToUtf8(wide.data(), wide.size()), "', a file"),
                       "a directory");
    }
    break;
  }
  return OsError("open", path, static_cast<int>(error));
}

// Deletes what dead processes have left unpublished, and removed files that were mapped still. What
// somebody has open stays.
void Sweep(const Directory& directory, const std::string& absolute) {
  const auto names = directory.List(kTemporarySuffix);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    if (name.front() != '.') continue;
    absl::StatusOr<std::wstring> path = PathIn(absolute, name);
    if (!path.ok()) continue;
    const OwnedHandle left(CreateFileW(path->c_str(), DELETE, 0, nullptr, OPEN_EXISTING,
                                       FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
    if (left.is_open()) DeleteOnClose(left.get());
  }
}

}  // namespace

absl::StatusOr<Directory> Directory::OpenForReading(const std::string& path) {
  if (path.empty()) return absl::InvalidArgumentError("the directory's path is empty");
  if (path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("directory '", absl::CHexEscape(path), "' contains a NUL byte"));
  }
  // Not the one that a root ends with ("C:\").
  std::string bare = path;
  while (bare.size() > 1 && (bare.back() == '/' || bare.back() == '\\') &&
         bare[bare.size() - 2] != ':') {
    bare.pop_back();
  }
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, ExtendedPath(bare));
  OwnedHandle handle(OpenDirectoryHandle(wide, FILE_LIST_DIRECTORY | READ_CONTROL));
  if (!handle.is_open()) return MissingDirectory(wide, bare, GetLastError());
  ABSL_RETURN_IF_ERROR(CheckKind(handle.get(), bare, /*wants_file=*/false));
  Directory result(AsNumber(handle.Release()), std::move(bare));
  result.absolute_ = ToUtf8(wide.data(), wide.size());
  while (result.absolute_.back() == '\\') result.absolute_.pop_back();
  return result;
}

absl::Status Directory::CheckWritable() const {
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, ToWide(absolute_));
  if (OwnedHandle(OpenDirectoryHandle(wide, FILE_ADD_FILE)).is_open()) return absl::OkStatus();
  return LastError("write in directory", path_);
}

absl::StatusOr<Directory> Directory::Open(const std::string& path) {
  ABSL_ASSIGN_OR_RETURN(Directory result, OpenForReading(path));
  ABSL_RETURN_IF_ERROR(result.CheckWritable());
  return result;
}

absl::StatusOr<Directory> Directory::OpenDefault() {
  const std::string path = DefaultDirectory();
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, ExtendedPath(path));
  ABSL_ASSIGN_OR_RETURN(SecurityDescriptor own, SecurityDescriptor::ForOwnDirectory());
  if (!CreateDirectoryW(wide.c_str(), own.attributes()) && GetLastError() != ERROR_ALREADY_EXISTS) {
    return LastError("CreateDirectory", path);
  }
  ABSL_ASSIGN_OR_RETURN(Directory result, OpenDefaultForReading());
  ABSL_RETURN_IF_ERROR(result.CheckWritable());
  return result;
}

absl::StatusOr<Directory> Directory::OpenDefaultForReading() {
  const std::string path = DefaultDirectory();
  ABSL_ASSIGN_OR_RETURN(Directory result, OpenForReading(path));
  ABSL_RETURN_IF_ERROR(CheckOwnDirectory(AsHandle(result.handle_), path));
  return result;
}

// No directory here is by custom one where everybody makes files; who may open a file is told by
// its access list alone.
absl::Status Directory::CheckNotPlanted(const File&) const { return absl::OkStatus(); }

Directory::Directory(Directory&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)),
      path_(std::move(other.path_)),
      absolute_(std::move(other.absolute_)) {}

Directory& Directory::operator=(Directory&& other) noexcept {
  if (this != &other) {
    if (handle_ >= 0) CloseHandle(AsHandle(handle_));
    handle_ = std::exchange(other.handle_, -1);
    path_ = std::move(other.path_);
    absolute_ = std::move(other.absolute_);
  }
  return *this;
}

Directory::~Directory() {
  if (handle_ >= 0) CloseHandle(AsHandle(handle_));
}

std::string Directory::PathOf(const std::string& name) const {
  // As the directory was written.
  const char* separator = absl::StrContains(path_, '/') ? "/" : "\\";
  const bool has_one = absl::EndsWith(path_, "/") || absl::EndsWith(path_, "\\");
  return absl::StrCat(path_, has_one ? "" : separator, name);
}

absl::StatusOr<File> Directory::OpenFile(const std::string& name, bool read_only) const {
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, PathIn(absolute_, name));
  const std::string path = PathOf(name);
  const HANDLE handle =
      CreateFileW(wide.c_str(), read_only ? GENERIC_READ : GENERIC_READ | GENERIC_WRITE, kShareAll,
                  nullptr, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
  if (handle == INVALID_HANDLE_VALUE) {
    const DWORD error = GetLastError();
    const DWORD attributes = GetFileAttributesW(wide.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
      return WrongKind(path, "a directory", "a regular file");
    }
    return OsError("open", path, static_cast<int>(error));
  }
  File result(AsNumber(handle), path);
  ABSL_RETURN_IF_ERROR(CheckKind(handle, path, /*wants_file=*/true));
  return result;
}

absl::StatusOr<File> Directory::CreateUnpublished(const Permission& permission) const {
  return CreateTemporary(permission);
}

absl::StatusOr<File> Directory::CreateNameless(const Permission&) const {
  return absl::UnimplementedError("no nameless files here");
}

absl::StatusOr<File> Directory::CreateTemporary(const Permission& permission) const {
  ABSL_ASSIGN_OR_RETURN(SecurityDescriptor security,
                        SecurityDescriptor::For(permission, kFileRights));
  while (true) {
    std::string name = NewTemporaryName();
    ABSL_ASSIGN_OR_RETURN(const std::wstring wide, PathIn(absolute_, name));
    // DELETE: to rename it, or to drop it. Temporary: what is in it need not be written to the disk
    // while there is memory.
    const HANDLE handle = CreateFileW(
        wide.c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, kShareAll, security.attributes(),
        CREATE_NEW, FILE_ATTRIBUTE_TEMPORARY | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED, nullptr);
    if (handle != INVALID_HANDLE_VALUE) {
      File file(AsNumber(handle), PathOf(name));
      file.temporary_ = std::move(name);
      return file;
    }
    if (GetLastError() != ERROR_FILE_EXISTS) return LastError("create", PathOf(name));
  }
}

absl::Status Directory::Publish(File& file, const std::string& name) const {
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, PathIn(absolute_, name));
  const std::string path = PathOf(name);
  if (!RenameFile(AsHandle(file.handle_), wide)) return LastError("rename to", path);
  file.temporary_.clear();
  file.path_ = path;
  return absl::OkStatus();
}

absl::Status Directory::Remove(const std::string& name, const FileIdentity& identity) const {
  ABSL_ASSIGN_OR_RETURN(const std::wstring wide, PathIn(absolute_, name));
  const std::string path = PathOf(name);
  {
    const OwnedHandle file(CreateFileW(wide.c_str(), DELETE | FILE_READ_ATTRIBUTES, kShareAll,
                                       nullptr, OPEN_EXISTING, kOpenFlags, nullptr));
    if (!file.is_open()) {
      if (GetLastError() == ERROR_FILE_NOT_FOUND) return absl::OkStatus();
      return LastError("open to delete", path);
    }
    ABSL_ASSIGN_OR_RETURN(const FileIdentity found, IdentityOfHandle(file.get(), path));
    if (found != identity) return absl::OkStatus();
    // First out of the way: a deleted file keeps its name while anybody has it open, and one that
    // is mapped cannot be deleted at all. What stays goes with a later Remove.
    ABSL_ASSIGN_OR_RETURN(std::wstring aside, PathIn(absolute_, NewTemporaryName()));
    const bool moved = RenameFile(file.get(), aside);
    if (!DeleteOnClose(file.get()) && !moved) return LastError("delete", path);
  }
  Sweep(*this, absolute_);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> Directory::List(const std::string& suffix) const {
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(absolute_));
  wide += L"\\*";
  WIN32_FIND_DATAW entry;
  const HANDLE search =
      FindFirstFileExW(wide.c_str(), FindExInfoBasic, &entry, FindExSearchNameMatch, nullptr, 0);
  if (search == INVALID_HANDLE_VALUE) return LastError("FindFirstFile", path_);
  std::vector<std::string> names;
  do {
    std::string name = ToUtf8(entry.cFileName, wcslen(entry.cFileName));
    if (name != "." && name != ".." && absl::EndsWith(name, suffix)) {
      names.push_back(std::move(name));
    }
  } while (FindNextFileW(search, &entry));
  const DWORD error = GetLastError();
  FindClose(search);
  if (error != ERROR_NO_MORE_FILES) {
    return OsError("FindNextFile", path_, static_cast<int>(error));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The lock is a file that one process has open and lets no other open, and that goes when it is
// closed, however that comes. (A mutex with a name would not reach other sessions.)
absl::StatusOr<DirectoryLock> Directory::Lock(absl::Duration timeout) const {
  constexpr DWORD kLongestPause = 10;  // milliseconds
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(absolute_));
  wide += kLockName;
  // For everyone that the directory lets come so far, whichever user makes it first.
  ABSL_ASSIGN_OR_RETURN(SecurityDescriptor security,
                        SecurityDescriptor::For(Access::kEveryone, kLockRights));

  const int64_t start = MonotonicNanos();
  for (DWORD pause = 1;; pause = std::min(2 * pause, kLongestPause)) {
    DWORD error = ERROR_SUCCESS;
    PrivateHandle lock = PrivateHandle::Open([&] {
      const HANDLE handle = CreateFileW(
          wide.c_str(), GENERIC_READ | DELETE, 0, security.attributes(), OPEN_ALWAYS,
          FILE_ATTRIBUTE_HIDDEN | FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT,
          nullptr);
      if (handle == INVALID_HANDLE_VALUE) error = GetLastError();
      return AsNumber(handle);
    });
    if (lock.get() >= 0) return DirectoryLock(std::move(lock));
    // ERROR_ACCESS_DENIED: also while the file of the last holder is on its way out.
    if (error != ERROR_SHARING_VIOLATION && error != ERROR_ACCESS_DENIED) {
      return OsError("lock directory", path_, static_cast<int>(error));
    }
    const absl::Duration waited = absl::Nanoseconds(MonotonicNanos() - start);
    if (waited >= timeout) {
      if (error == ERROR_ACCESS_DENIED) {
        return OsError("lock directory", path_, static_cast<int>(error));
      }
      return absl::UnavailableError(absl::StrCat(
          "lock directory '", path_, "': another holds it, waited ", absl::FormatDuration(waited)));
    }
    const int64_t left =
        absl::ToInt64Milliseconds(absl::Ceil(timeout - waited, absl::Milliseconds(1)));
    Sleep(static_cast<DWORD>(std::min<int64_t>(pause, left)));
  }
}

absl::StatusOr<FileIdentity> Directory::Identity() const {
  return IdentityOfHandle(AsHandle(handle_), path_);
}

bool Directory::IsGone() const { return false; }

void Directory::RemoveIfEmpty() const {}

absl::StatusOr<FileIdentity> Directory::IdentityOf(const std::string& name) const {
  ABSL_ASSIGN_OR_RETURN(File file, OpenFile(name, /*read_only=*/true));
  return file.Identity();
}

std::string AbsolutePath(const std::string& path) {
  if (path.empty()) return path;
  const absl::StatusOr<std::wstring> full = ExtendedPath(path);
  if (!full.ok()) return path;
  // Without the extended form's prefix, for error texts. Every open makes the extended form again.
  const std::string extended = ToUtf8(full->data(), full->size());
  absl::string_view rest = extended;
  if (absl::ConsumePrefix(&rest, "\\\\?\\UNC\\")) return absl::StrCat("\\\\", rest);
  absl::ConsumePrefix(&rest, "\\\\?\\");
  return std::string(rest);
}

}  // namespace interprocess::platform
