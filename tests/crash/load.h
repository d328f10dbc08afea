// SPDX-License-Identifier: MIT

// The load under which a fleet's workers are killed and stopped, and what all scenarios do to it.

#ifndef INTERPROCESS_TESTS_CRASH_LOAD_H_
#define INTERPROCESS_TESTS_CRASH_LOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/crash/crash.h"
#include "tests/crash/fleet.h"
#include "tests/stress/workers.h"

namespace interprocess::crash {

// Long after every bound: only "never" is meant.
inline constexpr int64_t kNever = 20 * kSecond;

// Which of the two rings is used up first: small messages take all slots, though some of them lie
// in the payload ring, others all payload.
enum class Fills { kSlots, kPayload };

stress::WorkOptions LoadOptions(const CrashOptions& options, int64_t capacity, Fills fills);

// Makes one side slow now and then.
void SetPace(stress::World& world, stress::Random& random);

// Waits, for a moment, until the worker is at something, so that rare states get their deaths too.
void AwaitDoing(const stress::WorkerPage& page, stress::Random& random, bool publisher);

void SleepUpTo(stress::Random& random, int64_t nanos);

// How far each worker is.
std::vector<uint64_t> Steps(Fleet& fleet);

// Every worker but `except` gets on. Empty, or the names of those that do not.
std::string AwaitAllMoved(Fleet& fleet, uint32_t except, const std::vector<uint64_t>& before);

}  // namespace interprocess::crash

#endif  // INTERPROCESS_TESTS_CRASH_LOAD_H_
