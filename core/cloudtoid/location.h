// SPDX-License-Identifier: MIT

// The files and names of a queue in each Cloudtoid format.

#ifndef INTERPROCESS_CORE_CLOUDTOID_LOCATION_H_
#define INTERPROCESS_CORE_CLOUDTOID_LOCATION_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interprocess/queue_options.h"

namespace interprocess::cloudtoid {

inline constexpr char kFileSuffix[] = ".qu";

inline constexpr int64_t kMinCloudtoidCapacity = 24;
inline bool IsCapacity(int64_t capacity) {
  return capacity >= kMinCloudtoidCapacity && capacity <= kMaxCapacity && capacity % 8 == 0;
}

// The protocols' names (ProtocolName).
inline constexpr char kVersion2Name[] = "cloudtoid2";
inline constexpr char kVersion3Name[] = "cloudtoid3";
inline constexpr char kVersion2ForkName[] = "cloudtoid2-fork";
inline const char* NameOf(Protocol protocol) {
  if (protocol == Protocol::kCloudtoidV3) return kVersion3Name;
  return protocol == Protocol::kCloudtoidV2Fork ? kVersion2ForkName : kVersion2Name;
}

// The names of all that belongs to a queue.
struct Location {
  std::string directory;  // where the queue files are; Windows: empty
  std::string file_name;  // the queue file, in that directory; Windows: empty
  std::string path;       // the queue file; Windows: the name of the memory
  // Version 3: the folder of the queue's leases; Windows: the prefix of their names. Else empty.
  std::string leases;
  std::string semaphore;  // the name without the prefix that the system needs
  std::string opening;    // Windows, version 3: the mutex that an opener holds
  int64_t ring_offset = 0;
};

// The directory of queues whose options name none.
std::string DefaultDirectoryOf(Protocol protocol);

// `directory` is the directory of the options, empty for the default one.
Location LocationOf(const std::string& name, const std::string& directory, Protocol protocol);

// The capacity of a queue whose file has `file_size` bytes. DataLoss if no queue has such a file.
absl::StatusOr<int64_t> CapacityOf(const Location& location, int64_t file_size);

// FailedPrecondition, which names both capacities, if a queue of `capacity` has another file size.
absl::Status CheckFileSize(const Location& location, int64_t file_size, int64_t capacity);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_LOCATION_H_
