// SPDX-License-Identifier: MIT

// Which queues there are, and removing one by name.

#ifndef INTERPROCESS_QUEUE_REGISTRY_H_
#define INTERPROCESS_QUEUE_REGISTRY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interprocess/queue_options.h"
#include "interprocess/queue_report.h"

namespace interprocess {

// The queues of a protocol in `directory` (empty: DefaultDirectory(protocol)), where the protocol
// has them (Cloudtoid: in folders below it). If the default one or such a folder is missing, none,
// sorted by name. Files that are no sound queues are listed too, with a status that says so.
// NotFound, PermissionDenied, InvalidArgument: the directory. Joins nothing, disturbs nobody.
absl::StatusOr<std::vector<QueueEntry>> ListQueues(const std::string& directory = "",
                                                   Protocol protocol = Protocol::kNative);

// Removes the queue of that name with all its messages, also while it is used: endpoints that are
// attached go on among themselves until they leave (Cloudtoid formats: their calls return the error
// that the name is lost); an endpoint that opens the name from now on gets a new queue. Also
// removes a file of that name that is not a sound queue. NotFound, PermissionDenied,
// InvalidArgument. Unavailable if another process that makes or removes a queue there is stopped.
// Unimplemented on Windows for the Cloudtoid formats, where a queue goes with its last participant.
absl::Status RemoveQueue(const std::string& name, const std::string& directory = "",
                         Protocol protocol = Protocol::kNative);

// Takes over a native queue whose file system has another device number than when the queue was
// last used, as it is: with its messages, and with what its participants left when they died. Only
// needed if they did not close their endpoints; else the next endpoint that opens it does this. The
// caller knows that no participant runs: those that use the file by another way, such as the lower
// side of an overlay, are not seen. OK if the queue need not be taken over. FailedPrecondition if a
// participant is seen to run; NotFound, PermissionDenied, InvalidArgument; DataLoss for a file that
// is no sound queue, or a copy. Cloudtoid: Unimplemented; those files are not bound to a device.
absl::Status AdoptQueue(const std::string& name, const std::string& directory = "",
                        Protocol protocol = Protocol::kNative);

}  // namespace interprocess

#endif  // INTERPROCESS_QUEUE_REGISTRY_H_
