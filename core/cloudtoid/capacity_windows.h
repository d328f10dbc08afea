// How large a queue is whose memory has no file: whole pages, which do not tell.

#ifndef INTERPROCESS_CORE_CLOUDTOID_CAPACITY_WINDOWS_H_
#define INTERPROCESS_CORE_CLOUDTOID_CAPACITY_WINDOWS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "core/cloudtoid/place.h"
#include "core/platform/named_objects_windows.h"
#include "interprocess/queue_options.h"

namespace interprocess::cloudtoid {

// What the queue's header says. FailedPrecondition if it says nothing: then another library has
// made a queue of version 2. DataLoss if no such queue has memory of this size.
absl::StatusOr<int64_t> StoredCapacity(const Place& place, const platform::NamedMemory& memory);

// The capacity to work with. FailedPrecondition, naming both, if the queue has another than the
// options; with kOpenExisting the queue's own, or the options' if it says nothing and has such
// memory. Writes it down if nobody has.
absl::StatusOr<int64_t> AgreeOnCapacity(const Place& place, const platform::NamedMemory& memory,
                                        const QueueOptions& options);

}  // namespace interprocess::cloudtoid

#endif  // INTERPROCESS_CORE_CLOUDTOID_CAPACITY_WINDOWS_H_
