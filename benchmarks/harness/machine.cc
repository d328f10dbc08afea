// SPDX-License-Identifier: MIT

#include "benchmarks/harness/machine.h"

#include <sched.h>
#include <sys/utsname.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstring>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

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

// The value of the first line of that name; empty if there is none.
std::string CpuInfo(absl::string_view name) {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::pair<absl::string_view, absl::string_view> field =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (absl::StripAsciiWhitespace(field.first) == name) {
      return std::string(absl::StripAsciiWhitespace(field.second));
    }
  }
  return "";
}

// The processor has a bit that says whether there is a hypervisor, and a leaf with its signature.
std::string HypervisorName() {
#if defined(__x86_64__)
  constexpr unsigned kHasHypervisor = 1u << 31;
  unsigned eax, ebx, ecx, edx;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || (ecx & kHasHypervisor) == 0) {
    return "no hypervisor";
  }
  unsigned signature[3];
  __cpuid(0x40000000, eax, signature[0], signature[1], signature[2]);
  char text[sizeof(signature) + 1] = {};
  memcpy(text, signature, sizeof(signature));
  return absl::StrCat("hypervisor ", text);
#else
  return "hypervisor unknown";
#endif
}

std::string Description() {
  const std::string name = CpuInfo("model name");
  std::string text = name.empty() ? "unknown processor" : name;
  const std::string family = CpuInfo("cpu family");
  if (!family.empty()) {
    absl::StrAppend(&text, " (family ", family, ", model ", CpuInfo("model"), ", stepping ",
                    CpuInfo("stepping"), ")");
  }
  absl::StrAppend(&text, ", ", Cores().size(), Cores().size() == 1 ? " core, " : " cores, ",
                  HypervisorName());
  utsname system;
  if (uname(&system) == 0) {
    absl::StrAppend(&text, ", ", system.sysname, " ", system.release, " ", system.machine);
  }
  return text;
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

void Unpin() {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int core : Cores()) CPU_SET(core, &set);
  (void)sched_setaffinity(0, sizeof(set), &set);
}

const std::string& DescribeMachine() {
  static const std::string* const text = new std::string(Description());
  return *text;
}

}  // namespace interprocess::benchmarks
