// SPDX-License-Identifier: MIT

// Many durations, and what is told of them.

#ifndef INTERPROCESS_BENCHMARKS_HARNESS_LATENCY_H_
#define INTERPROCESS_BENCHMARKS_HARNESS_LATENCY_H_

#include <cstdint>

struct hdr_histogram;

namespace interprocess::benchmarks {

// A busy machine may give a short measurement hardly any time: it goes on until it has this number
// of samples.
inline constexpr int64_t kFewestSamples = 100;

// In nanoseconds.
struct Latency {
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  int64_t count = 0;
};

class LatencyRecorder {
 public:
  LatencyRecorder();
  LatencyRecorder(const LatencyRecorder&) = delete;
  LatencyRecorder& operator=(const LatencyRecorder&) = delete;
  ~LatencyRecorder();

  void Record(int64_t nanos);
  int64_t count() const;
  Latency Summary() const;

 private:
  hdr_histogram* histogram_ = nullptr;
};

}  // namespace interprocess::benchmarks

#endif  // INTERPROCESS_BENCHMARKS_HARNESS_LATENCY_H_
