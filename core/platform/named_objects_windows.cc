// SPDX-License-Identifier: MIT

#include "core/platform/named_objects_windows.h"

#include <windows.h>
#include <winternl.h>

#include <algorithm>
#include <utility>

#include "absl/status/status_macros.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "core/platform/os_error.h"
#include "core/platform/security_windows.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {
namespace {

constexpr DWORD kReads = FILE_MAP_READ;
constexpr DWORD kReadsAndWrites = FILE_MAP_READ | FILE_MAP_WRITE;

// Entries of the system's tree of names; ntdll has these calls, and no library of the compiler's.
constexpr ACCESS_MASK kDirectoryQuery = 0x0001;
struct DirectoryEntry {
  UNICODE_STRING name;
  UNICODE_STRING type;
};
using OpenDirectoryObject = LONG(NTAPI*)(HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*);
using QueryDirectoryObject = LONG(NTAPI*)(HANDLE, void* buffer, ULONG size, BOOLEAN single,
                                          BOOLEAN restart, ULONG* context, ULONG* returned);

template <typename Function>
Function NtFunction(const char* name) {
  return reinterpret_cast<Function>(
      reinterpret_cast<void*>(GetProcAddress(GetModuleHandleW(L"ntdll.dll"), name)));
}

// Says what the system's number does not.
absl::Status NameError(absl::string_view call, absl::string_view name, DWORD error) {
  const absl::Status status = OsError(call, name, static_cast<int>(error));
  if (error != ERROR_INVALID_HANDLE) return status;
  return absl::FailedPreconditionError(
      absl::StrCat(status.message(), ": an object of another kind has this name"));
}

absl::StatusOr<SecurityDescriptor> OwnersAlone() {
  return SecurityDescriptor::For(Access::kOwner, /*rights=*/"");
}

// The folder in which this session's names are.
absl::StatusOr<OwnedHandle> OpenSessionNames() {
  static const auto open = NtFunction<OpenDirectoryObject>("NtOpenDirectoryObject");
  DWORD session = 0;
  if (open == nullptr || !ProcessIdToSessionId(GetCurrentProcessId(), &session)) {
    return absl::UnimplementedError("NtOpenDirectoryObject: this system does not tell its names");
  }
  LONG result = 0;
  // The second is that of services.
  for (const std::string& path : {absl::StrCat("\\Sessions\\", session, "\\BaseNamedObjects"),
                                  std::string("\\BaseNamedObjects")}) {
    std::wstring wide = *ToWide(path);
    const auto bytes = static_cast<USHORT>(wide.size() * sizeof(wchar_t));
    UNICODE_STRING name = {bytes, bytes, wide.data()};
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, nullptr, nullptr);
    HANDLE folder = nullptr;
    result = open(&folder, kDirectoryQuery, &attributes);
    if (result >= 0) return OwnedHandle(folder);
  }
  return absl::InternalError(absl::StrCat("NtOpenDirectoryObject '\\Sessions\\", session,
                                          "\\BaseNamedObjects': status ", absl::Hex(result)));
}

}  // namespace

int64_t NamedMemory::RoundedUp(int64_t size) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  const int64_t page = info.dwPageSize;
  return (size + page - 1) / page * page;
}

absl::StatusOr<NamedMemory> NamedMemory::OpenOrCreate(const std::string& name, int64_t size) {
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(name));
  ABSL_ASSIGN_OR_RETURN(SecurityDescriptor security, OwnersAlone());
  const HANDLE mapping =
      CreateFileMappingW(INVALID_HANDLE_VALUE, security.attributes(), PAGE_READWRITE,
                         static_cast<DWORD>(size >> 32), static_cast<DWORD>(size), wide.c_str());
  const DWORD error = GetLastError();
  if (mapping == nullptr) return NameError("CreateFileMapping", name, error);
  absl::StatusOr<NamedMemory> memory = Map(name, AsNumber(mapping), /*read_only=*/false);
  if (memory.ok()) memory->made_ = error != ERROR_ALREADY_EXISTS;
  return memory;
}

absl::StatusOr<NamedMemory> NamedMemory::OpenExisting(const std::string& name, bool read_only) {
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(name));
  const HANDLE mapping =
      OpenFileMappingW(read_only ? kReads : kReadsAndWrites, FALSE, wide.c_str());
  if (mapping == nullptr) return NameError("OpenFileMapping", name, GetLastError());
  return Map(name, AsNumber(mapping), read_only);
}

// Takes the mapping over, also if it fails.
absl::StatusOr<NamedMemory> NamedMemory::Map(const std::string& name, Handle mapping,
                                             bool read_only) {
  NamedMemory result;
  result.mapping_ = mapping;
  // All of it: how much that is its maker has said.
  void* data = MapViewOfFile(AsHandle(mapping), read_only ? kReads : kReadsAndWrites, 0, 0, 0);
  if (data == nullptr) return LastError("MapViewOfFile", name);
  result.data_ = static_cast<uint8_t*>(data);
  MEMORY_BASIC_INFORMATION region;
  if (VirtualQuery(data, &region, sizeof region) == 0) return LastError("VirtualQuery", name);
  result.size_ = static_cast<int64_t>(region.RegionSize);
  return result;
}

NamedMemory::NamedMemory(NamedMemory&& other) noexcept
    : mapping_(std::exchange(other.mapping_, -1)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      made_(other.made_) {}

NamedMemory& NamedMemory::operator=(NamedMemory&& other) noexcept {
  // What this had goes with `other`.
  std::swap(mapping_, other.mapping_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(made_, other.made_);
  return *this;
}

NamedMemory::~NamedMemory() {
  if (data_ != nullptr) UnmapViewOfFile(data_);
  LetGo();
}

void NamedMemory::LetGo() {
  if (mapping_ != -1) CloseHandle(AsHandle(std::exchange(mapping_, -1)));
}

absl::StatusOr<std::vector<std::string>> NamedMemoryOf(absl::string_view prefix) {
  static const auto query = NtFunction<QueryDirectoryObject>("NtQueryDirectoryObject");
  ABSL_ASSIGN_OR_RETURN(OwnedHandle folder, OpenSessionNames());
  if (query == nullptr) {
    return absl::UnimplementedError("NtQueryDirectoryObject: this system does not tell its names");
  }
  std::vector<std::string> names;
  // A name and a type have at most this many bytes.
  std::vector<uint64_t> buffer((2 * 0xffff + sizeof(DirectoryEntry)) / sizeof(uint64_t) + 1);
  const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer.data());
  ULONG place = 0;
  for (BOOLEAN first = TRUE;; first = FALSE) {
    const LONG result =
        query(folder.get(), buffer.data(), static_cast<ULONG>(buffer.size() * sizeof(uint64_t)),
              /*single=*/TRUE, first, &place, nullptr);
    if (result != 0) break;  // there are no more
    const std::string type = ToUtf8(entry->type.Buffer, entry->type.Length / sizeof(wchar_t));
    std::string name = ToUtf8(entry->name.Buffer, entry->name.Length / sizeof(wchar_t));
    if (type == "Section" && absl::StartsWith(name, prefix)) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<NamedMutexLock> NamedMutexLock::Take(const std::string& name,
                                                    absl::Duration timeout) {
  ABSL_ASSIGN_OR_RETURN(std::wstring wide, ToWide(name));
  ABSL_ASSIGN_OR_RETURN(SecurityDescriptor security, OwnersAlone());
  OwnedHandle mutex(CreateMutexExW(security.attributes(), wide.c_str(), /*dwFlags=*/0,
                                   SYNCHRONIZE | MUTEX_MODIFY_STATE));
  if (!mutex.is_open()) return NameError("CreateMutexEx", name, GetLastError());
  switch (
      WaitForSingleObject(mutex.get(), static_cast<DWORD>(absl::ToInt64Milliseconds(timeout)))) {
    case WAIT_OBJECT_0:
    case WAIT_ABANDONED:
      return NamedMutexLock(AsNumber(mutex.Release()));
    case WAIT_TIMEOUT:
      return absl::UnavailableError(absl::StrCat("mutex '", name, "': another holds it, waited ",
                                                 absl::FormatDuration(timeout)));
    default:
      return LastError("wait for mutex", name);
  }
}

NamedMutexLock::NamedMutexLock(NamedMutexLock&& other) noexcept
    : mutex_(std::exchange(other.mutex_, -1)) {}

NamedMutexLock::~NamedMutexLock() {
  if (mutex_ == -1) return;
  ReleaseMutex(AsHandle(mutex_));
  CloseHandle(AsHandle(mutex_));
}

bool ProcessHasEnded(int64_t process_id, int64_t start_time) {
  const OwnedHandle process(OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE,
                                        static_cast<DWORD>(process_id)));
  // Any other error says that there is something.
  if (!process.is_open()) return GetLastError() == ERROR_INVALID_PARAMETER;
  FILETIME created, exited, kernel, user;
  if (!GetProcessTimes(process.get(), &created, &exited, &kernel, &user)) return false;
  return NanosSince1970(created) != start_time ||
         WaitForSingleObject(process.get(), 0) == WAIT_OBJECT_0;
}

}  // namespace interprocess::platform
