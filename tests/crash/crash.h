// SPDX-License-Identifier: MIT

// Publishers and subscribers that are killed and stopped, and the proof that nothing committed is
// lost by it, nothing torn, and nothing delivered twice that is not marked.

#ifndef INTERPROCESS_TESTS_CRASH_CRASH_H_
#define INTERPROCESS_TESTS_CRASH_CRASH_H_

#include <cstdint>
#include <string>

namespace interprocess::crash {

struct CrashOptions {
  std::string directory;  // empty, for queues
  int rounds = 200;
  uint64_t seed = 1;
};

struct Outcome {
  std::string failure;  // empty: all is well
  std::string figures;  // lines to read
};

// Kills a publisher or subscriber a round, under load, in the middle of whatever it does, and puts
// another in its place.
Outcome KillUnderLoad(const CrashOptions& options);

// Stops one a round, lets the others go on, and lets it go on too.
Outcome StopUnderLoad(const CrashOptions& options);

// Kills all of them at once, and starts anew on the queue that they left.
Outcome KillAllAtOnce(const CrashOptions& options);

// Kills all of them, and starts anew on what a restart of the machine leaves of a queue on a disk:
// the same bytes in the same file, and a clock that has started again.
Outcome RestartMachine(const CrashOptions& options);

// Kills those who finish what the dead began, while they do.
Outcome KillResolvers(const CrashOptions& options);

// Kills processes that do nothing but open and close.
Outcome KillWhileOpening(const CrashOptions& options);

// How long others are held up by a death, and how long until redelivery, where nothing else
// happens.
Outcome MeasureRecovery(const CrashOptions& options);

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_CRASH_H_
