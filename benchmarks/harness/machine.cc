// SPDX-License-Identifier: MIT

#include "benchmarks/harness/machine.h"

#include <sched.h>
#include <sys/utsname.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace interprocess::benchmarks {
namespace {

// Read once, in the process that starts the workers; they inherit the answer.
const std::vector<int>& Cores() {
  static const std::vector<int>* const cores = [] {
    auto* found = new std::vector<int>;
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
      for (int i = 0; i < CPU_SETSIZE; ++i) {
        if (CPU_ISSET(i, &set)) found->push_back(i);
      }
    }
    if (found->empty()) found->push_back(0);
    return found;
  }();
  return *cores;
}

}  // namespace

int CoreCount() { return static_cast<int>(Cores().size()); }

int CoreOfWorker(int worker) { return (worker + worker / CoreCount()) % CoreCount(); }

void PinToCore(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(Cores()[core % CoreCount()], &set);
  // Where pinning is forbidden the numbers are only noisier.
  (void)sched_setaffinity(0, sizeof(set), &set);
}

Machine DescribeMachine() {
  Machine machine{"unknown", CoreCount(), "unknown"};
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (absl::StartsWith(line, "model name")) {
      machine.cpu = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname name;
  if (uname(&name) == 0) {
    machine.kernel = absl::StrCat(name.sysname, " ", name.release, " ", name.machine);
  }
  return machine;
}

}  // namespace interprocess::benchmarks
