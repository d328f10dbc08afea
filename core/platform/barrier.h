// SPDX-License-Identifier: MIT

// Barriers that one thread makes for others.

#ifndef INTERPROCESS_CORE_PLATFORM_BARRIER_H_
#define INTERPROCESS_CORE_PLATFORM_BARRIER_H_

namespace interprocess::platform {

// A barrier in every thread of this process at once (membarrier), so that the frequent side of an
// exchange "I store, then load; you store, then load" needs no fence but a compiler's. Available
// says whether the system has it (asked once, which may register the process); where it has not,
// both sides need a full fence. ProcessBarrier returns false if the system refuses what it offered
// before (a filter of system calls that was installed since): then it was a fence of the caller
// alone.
bool ProcessBarrierAvailable();
bool ProcessBarrier();

// The same for all processes that have called SharedBarrierAvailable and were told true.
bool SharedBarrierAvailable();
bool SharedBarrier();

}  // namespace interprocess::platform

#endif  // INTERPROCESS_CORE_PLATFORM_BARRIER_H_
