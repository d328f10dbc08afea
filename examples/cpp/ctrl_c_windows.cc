#include <windows.h>

#include "examples/cpp/ctrl_c.h"
#include "interprocess/stop_token.h"

namespace examples {
namespace {

interprocess::StopSource* g_source = nullptr;

// In a thread of its own, which the system starts for it.
BOOL WINAPI Handle(DWORD event) {
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) return FALSE;
  g_source->RequestStop();
  return TRUE;
}

}  // namespace

interprocess::StopToken StopOnCtrlC() {
  g_source = new interprocess::StopSource;  // for as long as the process runs
  SetConsoleCtrlHandler(Handle, TRUE);
  return g_source->token();
}

}  // namespace examples
