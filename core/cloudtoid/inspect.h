// SPDX-License-Identifier: MIT

// Looks at a queue of a Cloudtoid format without taking part in it.

#ifndef INTERPROCESS_CORE_CLOUDTOID_INSPECT_H_
#define INTERPROCESS_CORE_CLOUDTOID_INSPECT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/cloudtoid/counting.h"
#include "core/cloudtoid/layout_v2.h"
#include "core/cloudtoid/layout_v3.h"
#include "core/cloudtoid/location.h"
#include "core/cloudtoid/record.h"
#include "core/engine/inspection.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_report.h"

namespace interprocess::cloudtoid {

// A queue's memory, mapped for reading.
class Inspection final : public internal::Inspection {
 public:
  static absl::StatusOr<std::unique_ptr<internal::Inspection>> Open(const std::string& name,
                                                                    const std::string& directory,
                                                                    Protocol protocol);

  int64_t capacity() const override { return capacity_; }
  QueueReport Report() const override;
  absl::StatusOr<uint64_t> ApproximateDepth() const override { return DepthIsUnknown(); }
  std::vector<Finding> CheckOnce() const override;
  std::vector<std::string> Peek(size_t max) const override;
  absl::StatusOr<int> Repair() const override;

 private:
  struct Span {  // the bytes that are reserved and not yet read
    int64_t offset = 0;
    int64_t size = 0;     // at most the capacity
    int64_t overrun = 0;  // version 2: the bytes that were reserved beyond the capacity
  };
  struct Record {
    int64_t offset = 0;
    int32_t state = 0;
    int32_t length = 0;  // -1: not known, and so is all behind it
  };

  Inspection(std::string name, Protocol protocol, Location location, int64_t capacity,
             std::shared_ptr<uint8_t> memory, int64_t size)
      : name_(std::move(name)),
        protocol_(protocol),
        location_(std::move(location)),
        capacity_(capacity),
        memory_(std::move(memory)),
        size_(size) {}
  bool IsV3() const { return protocol_ == Protocol::kCloudtoidV3; }
  const HeaderV2& v2() const { return *reinterpret_cast<const HeaderV2*>(memory_.get()); }
  const HeaderV3& v3() const { return *reinterpret_cast<const HeaderV3*>(memory_.get()); }
  RecordRing ring() const { return RecordRing(memory_.get() + location_.ring_offset, capacity_); }
  // DataLoss if no queue of this capacity has such offsets.
  absl::StatusOr<Span> Used() const;
  std::vector<Record> Records(const Span& used) const;
  void CheckReaders(std::vector<Finding>* findings) const;

  std::string name_;
  Protocol protocol_;
  Location location_;
  int64_t capacity_;
  std::shared_ptr<uint8_t> memory_;  // mapped for as long as this is
  int64_t size_;
};

// The names of the queues of that protocol, sorted. Empty if the folder does not exist. Windows:
// the queues of this session; there the fork's queues are queues of version 2, and listed as such.
absl::StatusOr<std::vector<std::string>> ListNames(const std::string& directory, Protocol protocol);

// Removes the queue's file, semaphore and leases, also while they are in use. NotFound. Windows:
// Unimplemented, because there a queue goes with its last participant and not before.
absl::Status Remove(const std::string& name, const std::string& directory, Protocol protocol);

// Version 3: the ids of the queue's leases, sorted, and whether each is held. Disturbs nobody.
std::vector<std::pair<int64_t, bool>> LeasesOf(const Location& location);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_INSPECT_H_
