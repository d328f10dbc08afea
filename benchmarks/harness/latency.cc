// SPDX-License-Identifier: MIT

#include "benchmarks/harness/latency.h"

#include <hdr/hdr_histogram.h>

#include "benchmarks/harness/crew.h"

namespace interprocess::benchmarks {

LatencyRecorder::LatencyRecorder() {
  constexpr int64_t kLongest = 10'000'000'000;
  if (hdr_init(1, kLongest, 3, &histogram_) != 0) FailMeasurement("hdr_init: no memory");
}

LatencyRecorder::~LatencyRecorder() { hdr_close(histogram_); }

void LatencyRecorder::Record(int64_t nanos) { hdr_record_value(histogram_, nanos); }

int64_t LatencyRecorder::count() const { return histogram_->total_count; }

Latency LatencyRecorder::Summary() const {
  Latency latency;
  latency.p50 = static_cast<double>(hdr_value_at_percentile(histogram_, 50));
  latency.p99 = static_cast<double>(hdr_value_at_percentile(histogram_, 99));
  latency.p999 = static_cast<double>(hdr_value_at_percentile(histogram_, 99.9));
  latency.count = count();
  return latency;
}

}  // namespace interprocess::benchmarks
