// SPDX-License-Identifier: MIT

#include <windows.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/platform/clock.h"
#include "core/platform/windows_calls.h"
#include "tests/platform/child_process.h"

// What a debugger uses; there is no documented way.
extern "C" NTSYSAPI LONG NTAPI NtSuspendProcess(HANDLE process);

namespace interprocess::testing {
namespace {

using platform::AsHandle;
using platform::AsNumber;
using platform::Handle;

// 1000 + SIGKILL of other systems.
constexpr UINT kKilled = 1009;

[[noreturn]] void Die(const char* call) {
  std::fprintf(stderr, "%s: error %lu\n", call, GetLastError());
  std::abort();
}

struct Pipe {
  HANDLE read;
  HANDLE write;
};

// Of which a child may get either end.
Pipe MakePipe() {
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, nullptr, TRUE};
  Pipe pipe;
  if (!CreatePipe(&pipe.read, &pipe.write, &inherited, 0)) Die("CreatePipe");
  return pipe;
}

// As CommandLineToArgvW reads it.
void AppendQuoted(std::wstring& line, const std::wstring& word) {
  line += L" \"";
  size_t backslashes = 0;
  for (const wchar_t c : word) {
    if (c == L'"') line.append(backslashes + 1, L'\\');
    backslashes = c == L'\\' ? backslashes + 1 : 0;
    line += c;
  }
  line.append(backslashes, L'\\');
  line += L'"';
}

std::wstring ThisProgram() {
  std::wstring path(32'767, L'\0');
  path.resize(GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size())));
  return path;
}

}  // namespace

void Link::Say(char word) const {
  DWORD written;
  WriteFile(AsHandle(out_), &word, 1, &written, nullptr);
}

char Link::Hear(int patience_ms) const {
  // A pipe without a name cannot be waited for.
  const int64_t deadline = platform::MonotonicNanos() + int64_t{patience_ms} * 1'000'000;
  DWORD ready = 0;
  while (PeekNamedPipe(AsHandle(in_), nullptr, 0, nullptr, &ready, nullptr) && ready == 0 &&
         platform::MonotonicNanos() < deadline) {
    Sleep(1);
  }
  char word = 0;
  DWORD count = 0;
  return ready > 0 && ReadFile(AsHandle(in_), &word, 1, &count, nullptr) && count == 1 ? word : 0;
}

ChildProcess ChildProcess::Run(const std::string& role, const Arguments& arguments) {
  const Pipe to_child = MakePipe();
  const Pipe to_parent = MakePipe();
  std::vector<std::string> words = {kRoleFlag + role, std::to_string(AsNumber(to_child.read)),
                                    std::to_string(AsNumber(to_parent.write))};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::wstring line;
  const std::wstring program = ThisProgram();
  AppendQuoted(line, program);
  for (const std::string& word : words) AppendQuoted(line, platform::ToWide(word).value());

  // These handles and no others, or the end of one child would not be seen while another lives.
  HANDLE error_output;
  if (!DuplicateHandle(GetCurrentProcess(), GetStdHandle(STD_ERROR_HANDLE), GetCurrentProcess(),
                       &error_output, 0, TRUE, DUPLICATE_SAME_ACCESS)) {
    Die("DuplicateHandle");
  }
  HANDLE inherited[] = {to_child.read, to_parent.write, error_output};
  SIZE_T size = 0;
  InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
  const std::unique_ptr<char[]> memory(new char[size]);
  STARTUPINFOEXW start = {};
  start.StartupInfo.cb = sizeof start;
  start.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  start.StartupInfo.hStdOutput = error_output;
  start.StartupInfo.hStdError = error_output;
  start.lpAttributeList = reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory.get());
  if (!InitializeProcThreadAttributeList(start.lpAttributeList, 1, 0, &size) ||
      !UpdateProcThreadAttribute(start.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST,
                                 inherited, sizeof inherited, nullptr, nullptr)) {
    Die("UpdateProcThreadAttribute");
  }
  PROCESS_INFORMATION made;
  if (!CreateProcessW(program.c_str(), line.data() + 1, nullptr, nullptr, TRUE,
                      EXTENDED_STARTUPINFO_PRESENT, nullptr, nullptr, &start.StartupInfo, &made)) {
    Die("CreateProcess");
  }
  DeleteProcThreadAttributeList(start.lpAttributeList);
  CloseHandle(made.hThread);
  for (const HANDLE handle : inherited) CloseHandle(handle);
  return ChildProcess(static_cast<int>(made.dwProcessId), AsNumber(made.hProcess),
                      AsNumber(to_parent.read), AsNumber(to_child.write));
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : id_(std::exchange(other.id_, -1)),
      process_(std::exchange(other.process_, -1)),
      in_(std::exchange(other.in_, -1)),
      out_(std::exchange(other.out_, -1)),
      link_(other.link_) {}

ChildProcess::~ChildProcess() {
  if (id_ > 0) {
    Kill();
    Wait();
  }
  if (in_ >= 0) CloseHandle(AsHandle(in_));
  if (out_ >= 0) CloseHandle(AsHandle(out_));
}

void ChildProcess::Kill() const {
  if (id_ > 0) TerminateProcess(AsHandle(process_), kKilled);
}

void ChildProcess::Stop() const {
  if (NtSuspendProcess(AsHandle(process_)) < 0) Die("NtSuspendProcess");
}

int ChildProcess::Wait() {
  DWORD code = 0;
  if (WaitForSingleObject(AsHandle(process_), INFINITE) != WAIT_OBJECT_0 ||
      !GetExitCodeProcess(AsHandle(process_), &code)) {
    Die("wait for a child");
  }
  CloseHandle(AsHandle(std::exchange(process_, -1)));
  id_ = -1;
  return static_cast<int>(code);
}

}  // namespace interprocess::testing
