// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <io.h>
#include <sys/stat.h>
#include <windows.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/platform/windows_calls.h"
#include "gtest/gtest.h"
#include "tests/tools/child.h"

namespace testing_tools {

const bool kTheirQueuesAreFiles = false;
const bool kSignalsAreHandled = false;

namespace {

using interprocess::platform::ToWide;

// As CommandLineToArgvW reads it.
void AppendQuoted(std::wstring& line, const std::wstring& word) {
  if (!line.empty()) line += L' ';
  line += L'"';
  size_t backslashes = 0;
  for (const wchar_t c : word) {
    if (c == L'"') line.append(backslashes + 1, L'\\');
    backslashes = c == L'\\' ? backslashes + 1 : 0;
    line += c;
  }
  line.append(backslashes, L'\\');
  line += L'"';
}

// A copy that a child may have.
HANDLE Inherited(int descriptor) {
  if (descriptor == kClosed) return INVALID_HANDLE_VALUE;
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, nullptr, TRUE};
  if (descriptor < 0) {
    return CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                       &inherited, OPEN_EXISTING, 0, nullptr);
  }
  HANDLE copy = nullptr;
  EXPECT_TRUE(DuplicateHandle(GetCurrentProcess(),
                              reinterpret_cast<HANDLE>(_get_osfhandle(descriptor)),
                              GetCurrentProcess(), &copy, 0, TRUE, DUPLICATE_SAME_ACCESS));
  return copy;
}

int Open(const std::string& path, int flags) {
  return _wopen(ToWide(path)->c_str(), flags | _O_BINARY | _O_NOINHERIT, _S_IREAD | _S_IWRITE);
}

}  // namespace

Child::Child(const std::vector<std::string>& argv, const Stdio& stdio) {
  std::wstring line;
  for (const std::string& word : argv) AppendQuoted(line, *ToWide(word));
  STARTUPINFOW start = {};
  start.cb = sizeof start;
  start.dwFlags = STARTF_USESTDHANDLES;
  start.hStdInput = Inherited(stdio.in);
  start.hStdOutput = Inherited(stdio.out);
  start.hStdError = Inherited(stdio.err);
  PROCESS_INFORMATION made = {};
  EXPECT_TRUE(CreateProcessW(ToWide(argv[0])->c_str(), line.data(), nullptr, nullptr, TRUE, 0,
                             nullptr, nullptr, &start, &made))
      << argv[0] << ": error " << GetLastError();
  for (const HANDLE handle : {start.hStdInput, start.hStdOutput, start.hStdError}) {
    if (handle != INVALID_HANDLE_VALUE) CloseHandle(handle);
  }
  CloseHandle(made.hThread);
  id_ = static_cast<int>(made.dwProcessId);
  process_ = reinterpret_cast<intptr_t>(made.hProcess);
}

Child::Child(Child&& other) noexcept
    : id_(other.id_), process_(other.process_), code_(other.code_) {
  other.id_ = 0;
}

Child::~Child() {
  if (id_ == 0 || code_ >= 0) return;
  Signal(kKill);
  Wait();
}

int Child::Wait() {
  if (code_ >= 0) return code_;
  const HANDLE process = reinterpret_cast<HANDLE>(process_);
  DWORD code = 0;
  EXPECT_EQ(WaitForSingleObject(process, INFINITE), WAIT_OBJECT_0);
  EXPECT_TRUE(GetExitCodeProcess(process, &code));
  CloseHandle(process);
  return code_ = static_cast<int>(code);
}

// Whatever the signal: there is but one way.
void Child::Signal(int signal) const {
  TerminateProcess(reinterpret_cast<HANDLE>(process_), static_cast<UINT>(128 + signal));
}

void Fd::Close() {
  if (fd_ >= 0) _close(fd_);
  fd_ = -1;
}

Pipe::Pipe() {
  int ends[2];
  EXPECT_EQ(_pipe(ends, 64 << 10, _O_BINARY | _O_NOINHERIT), 0);
  read = Fd(ends[0]);
  write = Fd(ends[1]);
}

Fd OpenToRead(const std::string& path) {
  Fd fd(Open(path, _O_RDONLY));
  EXPECT_GE(fd.get(), 0) << path;
  return fd;
}

Fd OpenToWrite(const std::string& path) {
  Fd fd(Open(path, _O_WRONLY | _O_CREAT | _O_TRUNC));
  EXPECT_GE(fd.get(), 0) << path;
  return fd;
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[65536];
  for (;;) {
    const int count = _read(fd, buffer, sizeof(buffer));
    if (count <= 0) return text;
    text.append(buffer, static_cast<size_t>(count));
  }
}

}  // namespace testing_tools
