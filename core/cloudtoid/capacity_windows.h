// SPDX-License-Identifier: MIT

// The capacity of a queue whose memory has no file. The memory has whole pages, which do not tell
// the capacity.

#ifndef INTERPROCESS_CORE_CLOUDTOID_CAPACITY_WINDOWS_H_
#define INTERPROCESS_CORE_CLOUDTOID_CAPACITY_WINDOWS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/cloudtoid/location.h"
#include "core/platform/named_objects_windows.h"
#include "interprocess/queue_options.h"

namespace interprocess::cloudtoid {

// The capacity in the queue's header. FailedPrecondition if there is none: then another library has
// made a queue of version 2. DataLoss if no queue of that capacity has memory of this size.
absl::StatusOr<int64_t> StoredCapacity(const Location& location,
                                       const platform::NamedMemory& memory);

// The capacity that an opener uses, which it writes into the header if there is none.
// FailedPrecondition, which names both, if the header has another capacity than the options. With
// kOpenExisting it is the header's capacity, or that of the options if there is none and the memory
// fits.
absl::StatusOr<int64_t> AgreeOnCapacity(const Location& location,
                                        const platform::NamedMemory& memory,
                                        const QueueOptions& options);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_CAPACITY_WINDOWS_H_
