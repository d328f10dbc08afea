// SPDX-License-Identifier: MIT

#include "tests/platform/refused_calls.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>

namespace interprocess::testing {

bool RefuseCalls(const std::vector<RefusedCall>& calls) {
  std::vector<sock_filter> filter;
  for (const RefusedCall& call : calls) {
    const bool any = call.argument < 0;
    filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call.number), 0,
                              static_cast<uint8_t>(any ? 1 : 3)));
    if (!any) {
      const size_t argument = offsetof(seccomp_data, args) + sizeof(uint64_t) * call.argument;
      filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(argument)));
      filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call.value, 0, 1));
    }
    filter.push_back(
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<uint32_t>(call.error)));
  }
  filter.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog program = {static_cast<unsigned short>(filter.size()), filter.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) {
    return true;
  }
  perror("seccomp");
  return false;
}

}  // namespace interprocess::testing
