// SPDX-License-Identifier: MIT

#include "tests/jetstream/machines.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "tests/tools/child.h"

namespace testing_jetstream {
namespace {

// Whether a command of /bin/sh succeeds.
bool Run(const std::string& command) {
  testing_tools::Child shell({"/bin/sh", "-c", command}, {-1, -1, 2});
  return shell.Wait() == 0;
}

}  // namespace

std::unique_ptr<Machines> Machines::Make(std::string& why) {
  if (unshare(CLONE_NEWNET) != 0) {
    why = absl::StrCat("no network namespace: ", std::strerror(errno));
    return nullptr;
  }
  const testing_tools::Pipe ready;
  const pid_t first = fork();
  if (first == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNET) != 0 || write(ready.write.get(), "", 1) != 1) _exit(1);
    for (;;) pause();
  }
  std::unique_ptr<Machines> machines(new Machines(first));
  char byte;
  if (first < 0 || read(ready.read.get(), &byte, 1) != 1) {
    why = "no second network namespace";
    return nullptr;
  }
  const std::string there = absl::StrCat("nsenter -t ", first, " -n ip ");
  if (!Run("ip link set lo up && ip link add ipq2 type veth peer name ipq1") ||
      !Run(absl::StrCat("ip link set ipq1 netns ", first)) ||
      !Run(absl::StrCat("ip addr add ", address(), "/24 dev ipq2 && ip link set ipq2 up")) ||
      !Run(absl::StrCat(there, "addr add 10.99.0.1/24 dev ipq1")) ||
      !Run(absl::StrCat(there, "link set ipq1 up")) || !Run(there + "link set lo up")) {
    why = "no pair of virtual network devices";
    return nullptr;
  }
  return machines;
}

Machines::~Machines() {
  if (first_ <= 0) return;
  kill(first_, SIGKILL);
  waitpid(first_, nullptr, 0);
}

std::vector<std::string> Machines::OnFirst(const std::vector<std::string>& argv) const {
  std::vector<std::string> all = {"/usr/bin/nsenter", "-t", absl::StrCat(first_), "-n", "--"};
  all.insert(all.end(), argv.begin(), argv.end());
  return all;
}

void Machines::CutCable() { Run("ip link set ipq2 down"); }
void Machines::MendCable() { Run("ip link set ipq2 up"); }

}  // namespace testing_jetstream
