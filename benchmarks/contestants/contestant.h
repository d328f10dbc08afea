// SPDX-License-Identifier: MIT

// What takes part in the comparison.

#ifndef INTERPROCESS_BENCHMARKS_CONTESTANTS_CONTESTANT_H_
#define INTERPROCESS_BENCHMARKS_CONTESTANTS_CONTESTANT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmarks/harness/latency.h"
#include "benchmarks/harness/round_trip.h"
#include "benchmarks/harness/same_thread.h"
#include "benchmarks/harness/throughput.h"

namespace interprocess::benchmarks {

// Each measurement is compiled for its contestant: nothing virtual is called while the clock runs.
struct Contestant {
  std::string name;
  std::string skipped;  // why it cannot take part here, or empty
  bool one_to_one = false;
  bool own_threads = false;  // besides those that send and receive
  bool may_fail = false;     // without ending the run
  absl::StatusOr<double> (*throughput)(const Load&) = nullptr;
  absl::StatusOr<Latency> (*round_trip)(const Load&) = nullptr;
  absl::StatusOr<double> (*same_thread)(const Load&) = nullptr;
};

template <typename Channel>
Contestant MakeContestant() {
  Contestant contestant;
  contestant.name = std::string(Channel::kName);
  contestant.one_to_one = Channel::kOneToOne;
  contestant.throughput = &MeasureThroughput<Channel>;
  contestant.round_trip = &MeasureRoundTrip<Channel>;
  contestant.same_thread = &MeasureSameThread<Channel>;
  return contestant;
}

// This project's queue, used in the ways there are.
Contestant InterprocessQueue();            // TryEnqueue, TryDequeue
Contestant InterprocessExclusive();        // the same, made for one publisher and one subscriber
Contestant InterprocessBatches(int size);  // TryEnqueueBatch, TryDequeueBatch: 1, 8, 32 or 128
Contestant InterprocessBlocking();        // Enqueue and Dequeue with the waits they have by default
Contestant InterprocessSleeping();        // the same without polling before they sleep
Contestant InterprocessInPlace();         // reserve, commit, borrow, acknowledge: nothing is copied
Contestant InterprocessInPlaceWritten();  // the same, and every byte is written in place
Contestant InterprocessCloudtoid2();      // TryEnqueue, TryDequeue in version 2's format
Contestant InterprocessCloudtoid3();      // and in version 3's
Contestant InterprocessCloudtoid2Sleeping();  // TryEnqueue, and Dequeue that sleeps at once
Contestant InterprocessCloudtoid3Sleeping();

// Rings in shared memory that nothing protects from a process that dies.
Contestant TicketRing();
Contestant IndexRing();

// What the system has.
Contestant Pipe();
Contestant UnixSocket();
Contestant BareFutex();  // one message, one sleeper: the shortest wake-up there is

// Libraries. Skipped where they are not installed.
Contestant BoostQueue();
Contestant BoostSleeping();
Contestant ZeroMq();
std::vector<Contestant> NotHere();  // those that nobody can install from the system's packages

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_CONTESTANTS_CONTESTANT_H_
