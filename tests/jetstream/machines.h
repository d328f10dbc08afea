// SPDX-License-Identifier: MIT

// Two machines for a test: network namespaces with a cable between them.

#ifndef INTERPROCESS_TESTS_JETSTREAM_MACHINES_H_
#define INTERPROCESS_TESTS_JETSTREAM_MACHINES_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

namespace testing_jetstream {

// The calling process moves to the second machine, for good.
class Machines {
 public:
  // Null where the system does not allow it; `why` says what it refuses.
  static std::unique_ptr<Machines> Make(std::string& why);
  ~Machines();

  // The second machine's address, as both see it.
  static const char* address() { return "10.99.0.2"; }
  // What runs `argv` on the first machine.
  std::vector<std::string> OnFirst(const std::vector<std::string>& argv) const;
  void CutCable();
  void MendCable();

 private:
  explicit Machines(pid_t first) : first_(first) {}
  const pid_t first_;  // a process that keeps the first machine
};

}  // namespace testing_jetstream

#endif  // INTERPROCESS_TESTS_JETSTREAM_MACHINES_H_
