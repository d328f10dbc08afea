// SPDX-License-Identifier: MIT

#include <windows.h>

#include <string>

#include "core/platform/directory.h"
#include "core/platform/windows_calls.h"

namespace interprocess::platform {

std::string DefaultDirectory() {
  // Each user has one; a service has that of the account it runs under.
  std::wstring parent;
  DWORD length = GetEnvironmentVariableW(L"LOCALAPPDATA", nullptr, 0);
  while (length > parent.size()) {
    parent.resize(length);
    length = GetEnvironmentVariableW(L"LOCALAPPDATA", parent.data(), length);
  }
  parent.resize(length);
  if (parent.empty()) {
    wchar_t temporary[MAX_PATH + 1];
    parent.assign(temporary, GetTempPathW(ARRAYSIZE(temporary), temporary));
  }
  while (!parent.empty() && parent.back() == L'\\') parent.pop_back();
  return ToUtf8(parent.data(), parent.size()) + "\\interprocess";
}

}  // namespace interprocess::platform
