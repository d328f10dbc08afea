// Where the queues of the Cloudtoid formats are, by their rules.

#ifndef INTERPROCESS_CORE_CLOUDTOID_PLACE_H_
#define INTERPROCESS_CORE_CLOUDTOID_PLACE_H_

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

struct Place {
  std::string directory;  // of the queue files; Windows: empty
  std::string file_name;  // Windows: empty
  std::string path;       // of the file; Windows: the memory's name
  // Version 3, else empty: the folder of this queue's leases; Windows: what their names begin with.
  std::string leases;
  std::string semaphore;  // the name, without what the system puts before it
  std::string opening;    // Windows, version 3: the mutex that who opens the queue holds
  int64_t ring_offset = 0;
};

// Where queues lie if the options name no directory.
std::string DefaultDirectoryOf(Protocol protocol);

// `directory` is that of the options, empty for the default one.
Place PlaceOf(const std::string& name, const std::string& directory, Protocol protocol);

// The capacity of a queue whose file has so many bytes; DataLoss if no queue has.
absl::StatusOr<int64_t> CapacityOf(const Place& place, int64_t file_size);

// FailedPrecondition, naming both capacities, if the file is not that of a queue of this one.
absl::Status CheckFileSize(const Place& place, int64_t file_size, int64_t capacity);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_PLACE_H_
