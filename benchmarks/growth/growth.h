// SPDX-License-Identifier: MIT

// What things cost when there is much of something: participants, queues, sleepers, dead.

#ifndef INTERPROCESS_BENCHMARKS_GROWTH_GROWTH_H_
#define INTERPROCESS_BENCHMARKS_GROWTH_GROWTH_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace interprocess::benchmarks {

// Endpoints of one process take this number of its file handles, and a few more.
inline constexpr int kHandlesPerEndpoint = 2;
// True if this process may have handles for that many endpoints; raises its limit to what it may.
bool RoomForEndpoints(int endpoints);

// Nanoseconds for enqueuing and dequeuing a message of 64 bytes in one thread: on a queue with this
// number of participants; in batches of this size; beside this number of reservations that another
// publisher keeps open; when the thread goes from queue to queue; once the ring of this capacity
// has come round.
absl::StatusOr<double> PairBesideParticipants(int participants, absl::Duration duration);
absl::StatusOr<double> PairInBatches(int size, absl::Duration duration);
absl::StatusOr<double> PairBesideReservations(int open, absl::Duration duration);
absl::StatusOr<double> PairOverQueues(int queues, absl::Duration duration);
absl::StatusOr<double> PairAtCapacity(int64_t capacity, absl::Duration duration);

// Microseconds that the longest of all try calls takes, on a queue whose ring has come round: when
// an idle participant dies, when messages are given back, for endpoints that come once a lap. A
// call during which the thread was switched against its will does not count.
enum class Trouble { kDeath, kGiveBack, kSeldom };
absl::StatusOr<double> LongestTryCall(Trouble trouble, int64_t capacity, int participants);

// Messages a second that a pool of three takes which gives every `period`th back; 0: none.
absl::StatusOr<double> PoolRate(int period, int64_t capacity, absl::Duration duration);

// Milliseconds from the order to die, for this number of subscribers that hold a message each,
// until another has got all these messages.
absl::StatusOr<double> Redelivery(int dead, int64_t capacity);

// Messages a second through a queue that is always full.
absl::StatusOr<double> RateOfWaitingPublishers(int publishers, absl::Duration duration);
// The most that one of four equal publishers gets into such a queue, divided by the least.
absl::StatusOr<double> ShareAmongEquals(absl::Duration duration);
// What four publishers of 64 bytes get into it, in bytes, while a fifth gets in one message of 64
// KiB; in units of four times 64 KiB.
absl::StatusOr<double> WaitOfLarge(absl::Duration duration);

// Microseconds of CPU for a message to one of this number of subscribers that sleep, at 1,000
// messages a second.
absl::StatusOr<double> CpuPerMessage(int sleepers, absl::Duration duration);
// Per cent of a core that `sleepers` subscribers use in a wait in vain, on a queue with
// `participants` in all; with `reservation` a living publisher keeps one open.
absl::StatusOr<double> IdleShare(int participants, int sleepers, bool reservation,
                                 absl::Duration duration);

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_GROWTH_GROWTH_H_
