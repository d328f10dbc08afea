#include <signal.h>

#include <thread>

#include "examples/cpp/ctrl_c.h"
#include "interprocess/stop_token.h"

namespace examples {

interprocess::StopToken StopOnCtrlC() {
  // Threads inherit the mask: only the one below ever sees these signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  interprocess::StopSource source;
  std::thread([source, signals]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    source.RequestStop();
  }).detach();
  return source.token();
}

}  // namespace examples
